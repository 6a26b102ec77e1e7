-- Whether another content took the place of a file of the landing.
SELECT EXISTS (
    SELECT FROM ops.delivery
    JOIN ops.delivery AS later
        ON later.source = delivery.source AND later.stream = delivery.stream AND later.delivered_on = delivery.delivered_on
        AND later.file = delivery.file
    WHERE
        delivery.manifest_id = :manifest_id AND delivery.status = 'accepted' AND later.status = 'accepted'
        AND later.copy > delivery.copy
)

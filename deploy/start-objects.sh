#!/bin/sh
# The object store with two identities: the owner, who makes buckets, and Suki, who may read, write and list in three of them.
# Its inner services (master, volume, filer) trust whoever reaches them, so they listen inside this container alone.
set -eu
umask 077
cat > /tmp/identities.json <<END
{"identities": [
  {"name": "owner", "credentials": [{"accessKey": "$SUKI_S3_OWNER_KEY", "secretKey": "$SUKI_S3_OWNER_SECRET"}],
   "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
  {"name": "suki", "credentials": [{"accessKey": "$SUKI_S3_KEY", "secretKey": "$SUKI_S3_SECRET"}],
   "actions": ["Read:suki-lake", "Write:suki-lake", "List:suki-lake", "Read:suki-exports", "Write:suki-exports",
               "List:suki-exports", "Read:suki-logs", "Write:suki-logs", "List:suki-logs"]}
]}
END
exec weed -logtostderr=true server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 -volume.max=0 -master.volumeSizeLimitMB=1024 \
  -master.telemetry=false -s3 -s3.ip.bind=0.0.0.0 -s3.port=8333 -s3.port.iceberg=0 -s3.port.lance=0 -s3.iam=false \
  -s3.autoCreateBucket=false -s3.config=/tmp/identities.json

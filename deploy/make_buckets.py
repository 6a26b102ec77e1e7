"""Make the buckets named as arguments, as the store's owner, unless they are there.

Versions are kept: a file deleted by mistake can be had back for 30 days. Longer would keep what somebody asked to be forgotten.
"""

import os
import sys

import boto3
from botocore.exceptions import ClientError

KEPT_DAYS = 30

store = boto3.client(
    "s3",
    endpoint_url=os.environ["SUKI_S3_ENDPOINT"],
    region_name=os.environ.get("SUKI_S3_REGION", "us-east-1"),
    aws_access_key_id=os.environ["SUKI_S3_OWNER_KEY"],
    aws_secret_access_key=os.environ["SUKI_S3_OWNER_SECRET"],
)
for bucket in sys.argv[1:]:
    try:
        store.create_bucket(Bucket=bucket)
        print(f"Made the bucket {bucket}.")
    except ClientError as problem:
        if problem.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise
    store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "old-versions",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT_DAYS},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
                }
            ]
        },
    )

"""An S3 server process (moto's) in the place of production's object store, with a login that it checks as a real one does."""

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.api import NO_PROXY

EXPORTS, LAKE, LOGS, CRM = BUCKETS = ("suki-exports", "suki-lake", "suki-logs", "suki-crm")
REGION = "us-east-1"


@dataclass(frozen=True)
class Login:
    """Access key and secret of a user who may use our buckets and nothing else."""

    key: str
    secret: str


@dataclass(frozen=True)
class ObjectStore:
    """The server on one port of 127.0.0.1. It keeps everything in memory: what it held is gone when it stops."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> tuple[str, ...]:
        """What starts it."""
        return ("moto_server", "-H", "127.0.0.1", "-p", str(self.port))

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with NO_PROXY.open(f"{self.url}/moto-api/data.json", timeout=5):
                return True
        except OSError:
            return False

    def set_up(self) -> Login:
        """Do what an administrator does: make the buckets and a user for them, and let nobody else in from here on."""
        for bucket in BUCKETS:
            self.client("s3").create_bucket(Bucket=bucket)
        return self.user("suki", _STATEMENTS)

    def user(self, name: str, statements: Sequence[Mapping[str, Any]]) -> Login:
        """A user with these rights and no others; nobody else is let in from here on."""
        self._check_logins(every=False)
        users = self.client("iam")
        users.create_user(UserName=name)
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        users.put_user_policy(UserName=name, PolicyName="buckets", PolicyDocument=json.dumps(policy))
        key = users.create_access_key(UserName=name)["AccessKey"]
        self._check_logins(every=True)
        return Login(key["AccessKeyId"], key["SecretAccessKey"])

    def _check_logins(self, *, every: bool) -> None:
        asked = urllib.request.Request(  # noqa: S310 - the address is our own
            f"{self.url}/moto-api/reset-auth", data=b"0" if every else b"inf", method="POST",
            headers={"Content-Type": "text/plain"},
        )  # fmt: skip
        NO_PROXY.open(asked, timeout=5).close()

    def connection(self, bucket: str, login: Login) -> str:
        """Airflow's connection to a bucket: the login, where the store is, and the path."""
        extra = {"endpoint_url": self.url, "region_name": REGION, "path": f"s3://{bucket}"}
        return json.dumps({"conn_type": "aws", "login": login.key, "password": login.secret, "extra": extra})

    def upload(self, folder: Path, bucket: str, login: Login) -> int:
        """Put a folder's files into a bucket under their relative names; how many there were."""
        store, count = self.client("s3", login), 0
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                store.put_object(Bucket=bucket, Key=file.relative_to(folder).as_posix(), Body=file.read_bytes())
                count += 1
        return count

    def objects(self, bucket: str, login: Login) -> Iterator[tuple[str, int]]:
        """Name and size of every object of a bucket."""
        for page in self.client("s3", login).get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield from ((found["Key"], found["Size"]) for found in page.get("Contents", ()))

    def client(self, service: str, login: Login | None = None) -> Any:
        """Boto's client; without a login as whoever set the server up, while it lets everybody in."""
        import boto3
        from botocore.config import Config

        login = login or Login("administrator", "administrator")
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=login.key, aws_secret_access_key=login.secret,
            config=Config(proxies={}),
        )  # fmt: skip


_STATEMENTS = (
    {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
        "Resource": "arn:aws:s3:::suki-*",
    },
    {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        "Resource": "arn:aws:s3:::suki-*/*",
    },
)
"""The rights of docs/deployment.md: no right to make or remove a bucket."""

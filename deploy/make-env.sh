#!/bin/sh
# Writes .env for docker-compose.yaml: fresh secrets, readable by you alone. Refuses to overwrite one, for lost secrets are lost data.
#
#   deploy/make-env.sh HOST EMAIL
#
#   HOST   the name people will open, e.g. suki.example.com
#   EMAIL  the first administrator's, also given to the certificate authority that makes HOST's certificate
set -eu

if [ "$#" -ne 2 ]; then
  sed -n 's/^# \{0,1\}//p' "$0" | tail -n +2 >&2
  exit 2
fi
case "$1" in
  *[!A-Za-z0-9.-]* | '') echo "HOST is '$1', and a host name is made of letters, digits, dots and hyphens." >&2; exit 2 ;;
esac
case "$2" in
  *[!A-Za-z0-9.@_+-]* | '' | *@*@*) echo "EMAIL is '$2', and that is no plain e-mail address." >&2; exit 2 ;;
  *@*.*) ;;
  *) echo "EMAIL is '$2', and that is no e-mail address." >&2; exit 2 ;;
esac

file=$(cd "$(dirname "$0")/.." && pwd)/.env
umask 077
# noclobber: a file that is there, or appears in this moment, is not touched.
if ! (set -C; : > "$file") 2>/dev/null; then
  echo "$file is there already, and another record key or Fernet key would make its data unreadable. Move it away first if you mean it." >&2
  exit 1
fi

hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

cat > "$file" <<END
# Made by deploy/make-env.sh. Every variable is explained in docs/deployment.md. Keep a copy of SUKI_RECORD_KEY and SUKI_FERNET_KEY
# apart from the backups of the databases: without the first no record is ever recognised again.

# What comes along in containers; leave out what you have elsewhere.
COMPOSE_PROFILES=proxy,postgres,redis,objects

SUKI_UI_HOST=$1
# An e-mail address: a certificate by ACME. Or '/tls/cert.pem /tls/key.pem' (put them into deploy/tls). Or 'internal' (self-signed).
SUKI_TLS=$2

SUKI_ADMIN_USER=admin
SUKI_ADMIN_EMAIL=$2
SUKI_ADMIN_PASSWORD=$(hex 12)

# Never change this one.
SUKI_RECORD_KEY=$(hex 32)
SUKI_FERNET_KEY=$(fernet)
SUKI_JWT_SECRET=$(hex 32)
SUKI_API_SECRET_KEY=$(hex 32)

SUKI_POSTGRES_PASSWORD=$(hex 16)
SUKI_AIRFLOW_DB_PASSWORD=$(hex 16)
SUKI_WAREHOUSE_DB_PASSWORD=$(hex 16)
SUKI_REDIS_PASSWORD=$(hex 16)

SUKI_S3_KEY=suki
SUKI_S3_SECRET=$(hex 16)
SUKI_S3_OWNER_KEY=owner
SUKI_S3_OWNER_SECRET=$(hex 16)
END
echo "Wrote $file. The administrator's first password is in it; keep a copy of the keys somewhere else."

#!/usr/bin/env bash
# Prints the SQL that prepares PostgreSQL for the services: for each one the database idea_<service>, the role idea_<service>_owner, which
# owns it and runs `migrate apply`, and the role idea_<service>, with which the service reads and writes rows and which may change no
# schema. No other role may connect. Run it as a superuser, again at any time. Passwords are set separately (\password in psql).
#
# usage: scripts/database_roles.sh [<service>...] | psql -v ON_ERROR_STOP=1 ...
set -euo pipefail
services=("$@")
(($# > 0)) || services=(registry drafting review dispute inventory notification)
for service in "${services[@]}"; do
  [[ $service =~ ^[a-z]+$ ]] || { echo "database_roles.sh: a service has a name of small letters, got: $service" >&2; exit 2; }
  role=idea_$service
  cat <<END
SELECT 'CREATE ROLE ${role}_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}_owner') \\gexec
SELECT 'CREATE ROLE $role LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') \\gexec
SELECT 'CREATE DATABASE $role OWNER ${role}_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$role') \\gexec
REVOKE ALL ON DATABASE $role FROM PUBLIC;
GRANT CONNECT ON DATABASE $role TO $role;
\\connect $role
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO ${role}_owner;
GRANT USAGE ON SCHEMA public TO $role;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $role;
ALTER DEFAULT PRIVILEGES FOR ROLE ${role}_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO $role;
END
done

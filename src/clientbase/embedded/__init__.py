"""PostgreSQL and Valkey as child processes, and the processes of the service beside them."""

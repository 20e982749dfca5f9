"""The API over HTTPS: routes, discovery, tables, watches."""

"""The API's rules without a network: kinds, schemas, storage, patches, verbs."""

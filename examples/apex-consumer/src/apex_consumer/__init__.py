"""Reads Tributary's records from Kafka and hands them to Apex. Stands on Kafka, Avro and SQLite alone."""

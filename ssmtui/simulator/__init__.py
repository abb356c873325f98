"""An AWS to run against: moto's services, the operations it lacks, and a real authorisation, on loopback.

Importing this package, or `process`, loads no AWS SDK: the simulator proper lives in a child process.
"""

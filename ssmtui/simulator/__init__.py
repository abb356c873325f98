"""A simulated AWS on loopback: moto's services, the operations that moto lacks, and a real authorization.

Importing this package, or `process`, loads no AWS SDK: the simulator itself runs in a child process.
"""

import os

# moto reads its settings when it is imported, by whichever module of this package is loaded first.
# The documents of AWS's managed policies are needed.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# Browser pages must not reach the simulated account.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
# Thousands of images that no scenario uses; moto would read them again at every reset.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

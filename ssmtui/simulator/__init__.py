"""An AWS to run against: moto's services, the operations it lacks, and a real authorisation, on loopback.

Importing this package, or `process`, loads no AWS SDK: the simulator proper lives in a child process.
"""

import os

# moto reads its settings when it is imported, by whichever module of this package comes first.
# The documents of AWS's managed policies are wanted.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# No page in a browser has any business with the simulated account.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
# Thousands of images that no scenario uses, read anew at every reset.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

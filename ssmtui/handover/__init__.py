"""Hand-over: a plan as a text that somebody else carries out, with the AWS CLI, Terraform, CloudFormation or a form."""

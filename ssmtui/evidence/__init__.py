"""The only place that reads AWS: clients, limits, memo, and one module an AWS area that turns answers into facts."""

# Names and limits, without any provider, so that `terraform test` can check them anywhere.

terraform {
  required_version = ">= 1.9"
}

locals {
  is_serverless = var.realtime_instance_type == null

  # Longer prefixes leave no room for the 26 characters by which the provider makes a name unique.
  prefix = "${trimsuffix(substr(var.name, 0, 36), "-")}-"
}

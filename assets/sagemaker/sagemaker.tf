module "names" {
  source = "./names"

  name                   = var.name
  region                 = var.region
  memory_size_in_mb      = var.memory_size_in_mb
  max_concurrency        = var.max_concurrency
  realtime_instance_type = var.realtime_instance_type
  image_tag              = var.image_tag
  model_data_url         = var.model_data_url
}

resource "aws_ecr_repository" "embeddings" {
  name                 = module.names.repository
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

# SageMaker would make it at the first start, and keep it for ever.
resource "aws_cloudwatch_log_group" "endpoint" {
  name              = module.names.log_group
  retention_in_days = var.log_retention_in_days
}

locals {
  image = "${aws_ecr_repository.embeddings.repository_url}:${module.names.image_tag}"

  # A model cannot be changed, only replaced; so whatever would replace it changes its name.
  model_version = substr(sha256(jsonencode([local.image, aws_iam_role.execution.arn, var.model_data_url, module.names.is_serverless])), 0, 12)
}

resource "aws_sagemaker_model" "embeddings" {
  name               = "${module.names.prefix}${local.model_version}"
  execution_role_arn = aws_iam_role.execution.arn

  # The container needs no connections of its own. Serverless endpoints cannot forbid them.
  enable_network_isolation = !module.names.is_serverless

  primary_container {
    image          = local.image
    model_data_url = module.names.model_data_url
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_iam_role_policy.execution]
}

# An endpoint's configuration can only be replaced, so the new one has to be there first.
resource "aws_sagemaker_endpoint_configuration" "embeddings_serverless" {
  count       = module.names.is_serverless ? 1 : 0
  name_prefix = module.names.prefix

  production_variants {
    variant_name = "AllTraffic"
    model_name   = aws_sagemaker_model.embeddings.name

    serverless_config {
      memory_size_in_mb = module.names.memory_size_in_mb
      max_concurrency   = module.names.max_concurrency
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "embeddings_realtime" {
  count       = module.names.is_serverless ? 0 : 1
  name_prefix = module.names.prefix

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.embeddings.name
    instance_type          = module.names.instance_type
    initial_instance_count = 1
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "embeddings" {
  name = module.names.endpoint
  endpoint_config_name = one(concat(
    aws_sagemaker_endpoint_configuration.embeddings_serverless[*].name,
    aws_sagemaker_endpoint_configuration.embeddings_realtime[*].name,
  ))

  depends_on = [aws_cloudwatch_log_group.endpoint]
}

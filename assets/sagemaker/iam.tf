# What SageMaker may do for the container: fetch it, write its log and its metrics.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "execution" {
  # This action knows no resources.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]
    resources = [aws_ecr_repository.embeddings.arn]
  }

  statement {
    actions = [
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
    ]
    resources = ["${aws_cloudwatch_log_group.endpoint.arn}:*"]
  }

  statement {
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringLike"
      variable = "cloudwatch:namespace"
      values   = ["AWS/SageMaker*", "/aws/sagemaker/*"]
    }
  }

  dynamic "statement" {
    for_each = module.names.model_objects

    content {
      actions   = ["s3:GetObject"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::${statement.value}"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name_prefix        = module.names.prefix
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "execution" {
  name_prefix = module.names.prefix
  role        = aws_iam_role.execution.id
  policy      = data.aws_iam_policy_document.execution.json
}

# What a client may do: ask this one endpoint. Attach it to whoever embeds.

data "aws_iam_policy_document" "client" {
  statement {
    actions   = ["sagemaker:InvokeEndpoint"]
    resources = [aws_sagemaker_endpoint.embeddings.arn]
  }
}

resource "aws_iam_policy" "client" {
  name_prefix = module.names.prefix
  description = "Ask the endpoint ${module.names.endpoint} for embeddings"
  policy      = data.aws_iam_policy_document.client.json
}

variable "name" {
  description = "Name of the endpoint and, with a suffix, of all that belongs to it. Clients know it as SAGEMAKER_ENDPOINT_NAME."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$", var.name))
    error_message = "The name must be 1 to 63 letters, digits and hyphens, and begin and end with a letter or digit."
  }
}

variable "region" {
  description = "Region to deploy in."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", var.region))
    error_message = "The region must look like eu-central-1."
  }
}

variable "memory_size_in_mb" {
  description = "Memory of the serverless endpoint; processors come in proportion to it."
  type        = number

  validation {
    condition     = contains([1024, 2048, 3072, 4096, 5120, 6144], var.memory_size_in_mb)
    error_message = "The memory must be 1024, 2048, 3072, 4096, 5120 or 6144 MB."
  }
}

variable "max_concurrency" {
  description = "Requests that the serverless endpoint answers at a time; more are throttled."
  type        = number

  validation {
    condition     = var.max_concurrency >= 1 && var.max_concurrency <= 200 && floor(var.max_concurrency) == var.max_concurrency
    error_message = "The concurrency must be a whole number from 1 to 200."
  }
}

variable "realtime_instance_type" {
  description = "Instance type of a real-time endpoint, which is paid by the hour; null makes it serverless."
  type        = string
  default     = null

  validation {
    condition     = var.realtime_instance_type == null || can(regex("^ml\\.[a-z][a-z0-9-]*\\.(medium|large|[0-9]*xlarge)$", var.realtime_instance_type))
    error_message = "The instance type must look like ml.c5.large."
  }

  validation {
    condition     = var.realtime_instance_type == null || !can(regex("^ml\\.(a1|[a-z]+[0-9]+g[a-z]*)\\.", var.realtime_instance_type))
    error_message = "The image is built for x86-64, and this instance type has ARM processors; choose one such as ml.c5.large."
  }
}

variable "image_tag" {
  description = "Tag of the image; the repository takes each tag once."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", var.image_tag))
    error_message = "The tag must be 1 to 128 letters, digits, underscores, dots and hyphens, and begin with none of the last two."
  }
}

variable "model_data_url" {
  description = "Where another model lies in S3, as a model.tar.gz; null serves the one in the image."
  type        = string
  default     = null

  validation {
    condition     = var.model_data_url == null || can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[a-zA-Z0-9/_.+=@-]+\\.tar\\.gz$", var.model_data_url))
    error_message = "The address must look like s3://bucket/folder/model.tar.gz."
  }
}

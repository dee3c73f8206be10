# What these may be is checked in names/.

variable "name" {
  description = "Name of the endpoint; clients know it as SAGEMAKER_ENDPOINT_NAME."
  type        = string
  default     = "pbl-development-dev-embeddings"
}

variable "region" {
  description = "Region to deploy in, such as eu-central-1."
  type        = string
}

variable "memory_size_in_mb" {
  description = "Memory of the serverless endpoint: 1024 to 6144, in steps of 1024."
  type        = number
  default     = 2048
}

variable "max_concurrency" {
  description = "Requests that the serverless endpoint answers at a time: 1 to 200."
  type        = number
  default     = 10
}

variable "realtime_instance_type" {
  description = "Such as ml.c5.large: makes it a real-time endpoint, paid by the hour. Null makes it serverless."
  type        = string
  default     = null
}

variable "image_tag" {
  description = "Tag under which the image was pushed; the repository takes each tag once."
  type        = string
}

variable "model_data_url" {
  description = "Another model to serve, as s3://…/model.tar.gz. Null serves the one in the image."
  type        = string
  default     = null
}

variable "log_retention_in_days" {
  description = "How long what the container tells is kept; it tells no text."
  type        = number
  default     = 14
}

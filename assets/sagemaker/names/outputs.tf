output "endpoint" {
  description = "Name of the endpoint."
  value       = var.name
}

output "region" {
  description = "Region to deploy in."
  value       = var.region
}

output "repository" {
  description = "Name of the image repository: small letters, and no two hyphens in a row."
  value       = "${replace(lower(var.name), "/-+/", "-")}/semascope"
}

output "prefix" {
  description = "What the names of things begin with that are replaced rather than changed."
  value       = local.prefix
}

output "log_group" {
  description = "Where SageMaker writes what the container tells."
  value       = "/aws/sagemaker/Endpoints/${var.name}"
}

output "image_tag" {
  description = "Tag of the image."
  value       = var.image_tag
}

output "is_serverless" {
  description = "Whether it is paid by the request, and scales to nothing."
  value       = local.is_serverless
}

output "memory_size_in_mb" {
  description = "Memory of the serverless endpoint; null where the instance type decides."
  value       = local.is_serverless ? var.memory_size_in_mb : null
}

output "max_concurrency" {
  description = "Requests at a time; null where nothing is throttled."
  value       = local.is_serverless ? var.max_concurrency : null
}

output "instance_type" {
  description = "Instance type of the real-time endpoint; null when it is serverless."
  value       = var.realtime_instance_type
}

output "model_data_url" {
  description = "Where another model lies; null when the image's own is served."
  value       = var.model_data_url
}

output "model_objects" {
  description = "Bucket and key of that model's archive, as a list of at most one."
  value       = var.model_data_url == null ? [] : [trimprefix(var.model_data_url, "s3://")]
}

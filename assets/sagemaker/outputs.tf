output "SAGEMAKER_ENDPOINT_NAME" {
  description = "Name of the endpoint, as clients want it."
  value       = aws_sagemaker_endpoint.embeddings.name
}

output "SAGEMAKER_MAX_CONCURRENCY" {
  description = "Requests that the endpoint answers at a time; null where nothing is throttled."
  value       = module.names.max_concurrency
}

output "client_policy_arn" {
  description = "Policy to attach to whoever asks the endpoint."
  value       = aws_iam_policy.client.arn
}

output "repository_url" {
  description = "Where the image is pushed."
  value       = aws_ecr_repository.embeddings.repository_url
}

output "registry" {
  description = "Host to log in to before the push."
  value       = split("/", aws_ecr_repository.embeddings.repository_url)[0]
}

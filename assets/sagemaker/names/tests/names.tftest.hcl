# Runs without any provider and without an account: terraform init && terraform test

variables {
  name              = "pbl-development-dev-embeddings"
  region            = "eu-central-1"
  memory_size_in_mb = 2048
  max_concurrency   = 10
  image_tag         = "0.1.0"
}

run "serverless_by_default" {
  command = plan

  assert {
    condition     = output.is_serverless && output.memory_size_in_mb == 2048 && output.max_concurrency == 10
    error_message = "An endpoint without an instance type is serverless."
  }
  assert {
    condition     = output.endpoint == "pbl-development-dev-embeddings"
    error_message = "Clients know the endpoint by this very name."
  }
  assert {
    condition     = output.log_group == "/aws/sagemaker/Endpoints/pbl-development-dev-embeddings"
    error_message = "SageMaker chooses the log group's name."
  }
  assert {
    condition     = output.repository == "pbl-development-dev-embeddings/semascope"
    error_message = "The repository is called after the endpoint."
  }
  assert {
    condition     = length(output.model_objects) == 0
    error_message = "The model lies in the image."
  }
}

run "realtime_when_an_instance_is_named" {
  command = plan

  variables {
    realtime_instance_type = "ml.c5.large"
  }
  assert {
    condition     = !output.is_serverless && output.max_concurrency == null && output.instance_type == "ml.c5.large"
    error_message = "An instance has no serverless limits."
  }
}

run "names_of_any_length_leave_room" {
  command = plan

  variables {
    name = "A--${join("", [for i in range(60) : "b"])}"
  }
  assert {
    condition     = length(output.prefix) <= 37 && startswith(output.repository, "a-b")
    error_message = "A prefix has at most 37 characters, a repository's name no two hyphens in a row."
  }
}

run "a_prefix_never_ends_with_two_hyphens" {
  command = plan

  variables {
    name = "abcdefghijklmnopqrstuvwxyz-123456789-x"
  }
  assert {
    condition     = !endswith(output.prefix, "--")
    error_message = "A cut name must not end with a hyphen."
  }
}

run "a_model_of_ones_own" {
  command = plan

  variables {
    model_data_url = "s3://models-of-ours/minilm/model.tar.gz"
  }
  assert {
    condition     = output.model_objects[0] == "models-of-ours/minilm/model.tar.gz"
    error_message = "The role may read this one object."
  }
}

run "refuses_underscores" {
  command = plan
  variables {
    name = "dev_embeddings"
  }
  expect_failures = [var.name]
}

run "refuses_a_hyphen_at_the_end" {
  command = plan
  variables {
    name = "embeddings-"
  }
  expect_failures = [var.name]
}

run "refuses_64_characters" {
  command = plan
  variables {
    name = join("", [for i in range(64) : "a"])
  }
  expect_failures = [var.name]
}

run "refuses_strange_regions" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "refuses_too_much_memory" {
  command = plan
  variables {
    memory_size_in_mb = 8192
  }
  expect_failures = [var.memory_size_in_mb]
}

run "refuses_memory_between_the_steps" {
  command = plan
  variables {
    memory_size_in_mb = 2000
  }
  expect_failures = [var.memory_size_in_mb]
}

run "refuses_too_many_at_a_time" {
  command = plan
  variables {
    max_concurrency = 201
  }
  expect_failures = [var.max_concurrency]
}

run "refuses_none_at_a_time" {
  command = plan
  variables {
    max_concurrency = 0
  }
  expect_failures = [var.max_concurrency]
}

run "refuses_other_things_than_instances" {
  command = plan
  variables {
    realtime_instance_type = "c5.large"
  }
  expect_failures = [var.realtime_instance_type]
}

run "refuses_other_processors" {
  command = plan
  variables {
    realtime_instance_type = "ml.c7g.large"
  }
  expect_failures = [var.realtime_instance_type]
}

run "refuses_strange_tags" {
  command = plan
  variables {
    image_tag = "-latest"
  }
  expect_failures = [var.image_tag]
}

run "refuses_models_from_elsewhere" {
  command = plan
  variables {
    model_data_url = "https://example.com/model.tar.gz"
  }
  expect_failures = [var.model_data_url]
}

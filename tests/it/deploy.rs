//! `semascope deploy`, and what it writes: checked against the provider's schema, the limits of the
//! API, Terraform itself and a stand-in for the platform.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::python::python;
use crate::support::{finished, repository, semascope};

/// The program, about to write into the folder an endpoint that is built from source.
fn deploy(folder: &Path, more: &[&str]) -> Command {
    let mut command = semascope();
    command
        .arg("deploy")
        .arg(folder)
        .args(["--region", "eu-central-1", "--source"])
        .arg(repository(""))
        .args(more);
    command
}

fn deployed(more: &[&str]) -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (code, told, warned) = finished(&mut deploy(folder.path(), more));
    assert_eq!(code, 0, "{warned}");
    (folder, told, warned)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn it_writes_all_files_and_tells_three_commands() {
    let (folder, told, warned) = deployed(&["--name", "my-endpoint", "--concurrency", "20"]);
    let carried = repository("assets/sagemaker");
    for original in files(&carried) {
        let written = folder.path().join(original.strip_prefix(&carried).unwrap());
        assert_eq!(
            fs::read(&written).unwrap(),
            fs::read(&original).unwrap(),
            "{}",
            written.display()
        );
    }
    let variables = fs::read_to_string(folder.path().join("terraform.tfvars")).unwrap();
    for line in [
        "name              = \"my-endpoint\"",
        "region            = \"eu-central-1\"",
        "memory_size_in_mb = 2048",
        "max_concurrency   = 20",
    ] {
        assert!(variables.contains(line), "{variables}");
    }
    let (_, commands) = told.split_once("run these three").unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  "))
        .collect();
    assert_eq!(commands.len(), 3, "{told}");
    assert!(commands[1].contains("oci-mediatypes=false"), "{told}");
    assert_eq!(warned, "");
}

#[cfg(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu",
    feature = "serve"
))]
#[test]
fn without_source_the_program_itself_goes_into_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = semascope();
    command.arg("deploy").arg(folder.path());
    let (code, told, warned) = finished(command.args(["--region", "eu-central-1"]));
    assert_eq!(code, 0, "{warned}");
    assert!(told.contains("--target binary"), "{told}");
    let (code, version, _) =
        finished(Command::new(folder.path().join("semascope")).arg("--version"));
    assert_eq!(code, 0);
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

#[test]
fn it_refuses_what_the_platform_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    for (option, value, told) in [
        ("--name", "dev_embeddings", "letters, digits and hyphens"),
        ("--name", "embeddings-", "letters, digits and hyphens"),
        ("--memory", "8192", "4096, 5120 or 6144"),
        ("--concurrency", "500", "from 1 to 200"),
        ("--realtime", "c5.large", "ml.c5.large"),
        ("--realtime", "ml.c7g.large", "ARM"),
        ("--tag", "a b", "letters, digits"),
        ("--model", "OWNER/NAME", "fetches nothing from a hub"),
        ("--model", "assets/model", "--model-url"),
        ("--model-url", "s3://abc/model.tar.gz", "--model DIR"),
        ("--image", "no-such-file.tar", "no-such-file.tar"),
    ] {
        let mut command = deploy(folder.path(), &[option, value]);
        let (code, _, error) = finished(command.current_dir(repository("")));
        assert_eq!(code, 2, "{option} {value}");
        assert!(error.contains(told), "{error}");
    }
    let mut elsewhere = semascope();
    elsewhere.arg("deploy").arg(folder.path());
    let (code, _, error) = finished(elsewhere.args(["--region", "Frankfurt"]));
    assert_eq!(code, 2);
    assert!(error.contains("eu-central-1"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn it_never_overwrites_what_is_there() {
    let (folder, _, _) = deployed(&[]);
    // The same once more harms nothing.
    assert_eq!(finished(&mut deploy(folder.path(), &[])).0, 0);
    let mine = folder.path().join("iam.tf");
    fs::write(&mine, "# mine").unwrap();
    let (code, told, error) = finished(&mut deploy(folder.path(), &["--name", "another"]));
    assert_eq!((code, told.as_str()), (2, ""));
    assert!(
        error.starts_with("Nothing was written") && error.contains("iam.tf, terraform.tfvars"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&mine).unwrap(), "# mine");
}

#[test]
fn it_warns_of_an_image_that_a_serverless_endpoint_refuses() {
    // So large is the container that the first deployment of this endpoint used.
    let stock = ["--image", "13600000000"];
    let (_, _, warned) = deployed(&stock);
    assert!(
        warned.starts_with("Warning: An image of 13.6 GB is more than the 10.7 GB"),
        "{warned}"
    );
    let (_, _, warned) = deployed(&[&stock[..], &["--realtime", "ml.c5.large"]].concat());
    assert_eq!(warned, "");
    // As a file with a hole in it, which takes no room.
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("image.tar");
    File::create(&saved)
        .unwrap()
        .set_len(11_000_000_000)
        .unwrap();
    let (_, _, warned) = deployed(&["--image", saved.to_str().unwrap()]);
    assert!(warned.contains("11.0 GB"), "{warned}");
}

#[test]
fn it_warns_of_a_model_that_needs_more_memory_or_time() {
    let model = tempfile::tempdir().unwrap();
    fs::write(model.path().join("config.json"), "{}").unwrap();
    let weights = File::create(model.path().join("model.safetensors")).unwrap();
    let model = model.path().to_str().unwrap();
    let given = ["--model", model, "--model-url", "s3://abc/model.tar.gz"];
    weights.set_len(600_000_000).unwrap();
    let (folder, told, warned) = deployed(&given);
    assert!(warned.contains("use --memory 3072"), "{warned}");
    assert!(told.contains("aws s3 cp - s3://abc/model.tar.gz"), "{told}");
    let variables = fs::read_to_string(folder.path().join("terraform.tfvars")).unwrap();
    assert!(variables.contains("model_data_url    = \"s3://abc/model.tar.gz\""));
    let (_, _, warned) = deployed(&[&given[..], &["--memory", "3072"]].concat());
    assert_eq!(warned, "");
    weights.set_len(8_000_000_000).unwrap();
    let (_, _, warned) = deployed(&[&given[..], &["--memory", "6144"]].concat());
    assert!(warned.contains("waits 180 s"), "{warned}");
}

/// Terraform, which asks neither the settings of its user nor the network.
fn terraform(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("terraform");
    command
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("CHECKPOINT_DISABLE", "1")
        .args(args)
        .current_dir(folder);
    command
}

#[test]
fn terraform_finds_it_well_formed_and_its_limits_kept() {
    let (folder, _, _) = deployed(&["--realtime", "ml.c5.large"]);
    if terraform(folder.path(), &["version"]).output().is_err() {
        println!("skipped: there is no terraform here");
        return;
    }
    let names = folder.path().join("names");
    for (folder, args, told) in [
        (folder.path(), &["fmt", "-check", "-recursive"][..], ""),
        (
            &names,
            &["init", "-input=false"],
            "successfully initialized",
        ),
        (&names, &["test", "-no-color"], " passed, 0 failed"),
    ] {
        let (code, found, error) = finished(&mut terraform(folder, args));
        assert_eq!(code, 0, "{found}{error}");
        assert!(found.contains(told), "{found}");
    }
}

/// Exit code of `check_terraform.py`, and what it prints: JSON, or what is wrong.
fn check(python: &Path, folder: &Path) -> (i32, String) {
    let script = repository("tests/fixtures/deploy/check_terraform.py");
    let mut command = Command::new(python);
    // Nothing is left beside the script.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let (code, told, error) = finished(command.arg(script).arg(folder));
    (code, if code == 0 { told } else { told + &error })
}

#[test]
fn the_platform_would_make_just_what_is_meant() {
    let Some(python) = python() else {
        return;
    };
    let (folder, _, _) = deployed(&[]);
    let (code, told) = check(python, folder.path());
    assert_eq!(code, 0, "{told}");
    let found: Value = serde_json::from_str(&told).unwrap();
    let name = "pbl-development-dev-embeddings";
    assert_eq!(found["outputs"]["SAGEMAKER_ENDPOINT_NAME"], name);
    assert_eq!(found["outputs"]["SAGEMAKER_MAX_CONCURRENCY"], 10);
    assert_eq!(found["endpoint"]["status"], "InService");
    let serverless = &found["variants"][0]["ServerlessConfig"];
    assert_eq!(serverless["MemorySizeInMB"], 2048);
    assert_eq!(serverless["MaxConcurrency"], 10);
    assert_eq!(
        found["log_groups"][0]["name"],
        format!("/aws/sagemaker/Endpoints/{name}")
    );
    assert_eq!(found["log_groups"][0]["days"], 14);
    assert_eq!(found["repositories"][0]["tags"], "IMMUTABLE");
    assert_eq!(found["repositories"][0]["scan"], true);

    // A client may do one thing with one endpoint.
    let client = found["client_policy"]["Statement"].as_array().unwrap();
    assert_eq!(client.len(), 1);
    assert_eq!(
        client[0]["Action"],
        serde_json::json!(["sagemaker:InvokeEndpoint"])
    );
    assert_eq!(
        client[0]["Resource"],
        serde_json::json!([found["endpoint"]["arn"]])
    );
    // The endpoint may do what is listed, and only what has no resources of its own on all of them.
    assert_eq!(found["managed_policies"], serde_json::json!([]));
    for statement in found["execution_policies"][0]["Statement"]
        .as_array()
        .unwrap()
    {
        let actions = statement["Action"].as_array().unwrap();
        assert!(
            actions
                .iter()
                .all(|action| !action.as_str().unwrap().contains('*'))
        );
        let free = ["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"];
        let is_free = actions
            .iter()
            .all(|action| free.contains(&action.as_str().unwrap()));
        assert_eq!(statement["Resource"][0] == "*", is_free, "{statement}");
    }
}

#[test]
fn an_instance_or_another_model_is_made_as_well() {
    let Some(python) = python() else {
        return;
    };
    let model = repository("assets/model");
    let (folder, _, _) = deployed(&[
        "--realtime",
        "ml.c5.large",
        "--model",
        model.to_str().unwrap(),
        "--model-url",
        "s3://models-of-ours/minilm/model.tar.gz",
    ]);
    let (code, told) = check(python, folder.path());
    assert_eq!(code, 0, "{told}");
    let found: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(found["variants"][0]["InstanceType"], "ml.c5.large");
    assert_eq!(found["network_isolation"], true);
    assert!(found["outputs"]["SAGEMAKER_MAX_CONCURRENCY"].is_null());
    assert_eq!(
        found["container"]["ModelDataUrl"],
        "s3://models-of-ours/minilm/model.tar.gz"
    );
    let allowed = found["execution_policies"][0].to_string();
    assert!(allowed.contains("arn:aws:s3:::models-of-ours/minilm/model.tar.gz"));
}

#[test]
fn the_check_finds_what_is_wrong() {
    let Some(python) = python() else {
        return;
    };
    for (file, right, wrong, told) in [
        (
            "terraform.tfvars",
            "= 2048",
            "= 8192",
            "8192 are more than 6144",
        ),
        ("terraform.tfvars", "= 2048", "= 2000", "enum value set"),
        ("terraform.tfvars", "= 10", "= 500", "500 are more than 200"),
        (
            "terraform.tfvars",
            "pbl-development",
            "pbl_development",
            "does not match",
        ),
        (
            "sagemaker.tf",
            " max_concurrency   = module",
            " max_concurency = module",
            "there is no max_concurency, but max_concurrency",
        ),
        (
            "sagemaker.tf",
            "scan_on_push = true",
            "color = true",
            "there is no color",
        ),
        (
            "sagemaker.tf",
            "\"IMMUTABLE\"",
            "\"NEVER\"",
            "'NEVER' is none of",
        ),
        (
            "sagemaker.tf",
            "execution_role_arn = aws_iam_role.execution.arn",
            "",
            "execution_role_arn is missing",
        ),
        (
            "iam.tf",
            "aws_ecr_repository.embeddings.arn",
            "aws_ecr_repository.embeddings.arm",
            "arm cannot be read, but arn",
        ),
        (
            "outputs.tf",
            "aws_iam_policy.client.arn",
            "aws_iam_policy.clients.arn",
            "there is no aws_iam_policy.clients",
        ),
    ] {
        let (folder, _, _) = deployed(&[]);
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(right), "{file} has no {right}");
        fs::write(&path, text.replace(right, wrong)).unwrap();
        let (code, found) = check(python, folder.path());
        assert_eq!(code, 1, "{wrong}: {found}");
        assert!(found.contains(told), "{wrong}: {found}");
    }
}

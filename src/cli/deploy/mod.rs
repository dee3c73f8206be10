//! `semascope deploy`: writes what a SageMaker endpoint is made of, and tells what to run and what
//! would not fit. It sends nothing and asks nobody.

#![expect(
    clippy::print_stderr,
    reason = "warnings for people belong on standard error"
)]

mod files;
mod limits;
mod names;

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail};

use self::files::{Content, Planned, carried, size_of};
use self::limits::{Footprint, Place, Size};
use self::names::{Concurrency, EndpointName, ImageTag, InstanceType, Memory, ModelUrl, Region};
use super::run::ExitStatus;
use crate::embed::EmbedderChoice;

/// The base of the image, unpacked, with room to spare.
const BASE_BYTES: u64 = 50_000_000;

/// The built-in model, which is in the image.
const BUILT_IN_BYTES: u64 = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/assets/model/model.safetensors"
))
.len() as u64;

/// Whether this program is what the container runs: Linux on x86-64 with glibc, and able to serve.
const RUNS_IN_CONTAINER: bool = cfg!(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu",
    feature = "serve"
));

/// What to write, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct DeployArgs {
    /// Where to write; made if need be. No file in it is overwritten.
    pub dir: PathBuf,
    /// Name of the endpoint, by which clients ask for it.
    #[arg(long, default_value = "pbl-development-dev-embeddings")]
    pub name: EndpointName,
    /// Such as eu-central-1.
    #[arg(long)]
    pub region: Region,
    /// Memory of the serverless endpoint: 1024 to 6144, in steps of 1024.
    #[arg(long, value_name = "MB", default_value = "2048")]
    pub memory: Memory,
    /// Requests that the serverless endpoint answers at a time: 1 to 200.
    #[arg(long, value_name = "N", default_value = "10")]
    pub concurrency: Concurrency,
    /// A real-time endpoint on such an instance, paid by the hour, instead of a serverless one.
    #[arg(long, value_name = "INSTANCE")]
    pub realtime: Option<InstanceType>,
    /// Tag of the image; each can be pushed once.
    #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
    pub tag: ImageTag,
    /// Build the image from the source of Semascope in this folder, not from this very program.
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// Where the model given by --model will lie, packed; the endpoint fetches it at every start.
    #[arg(long, value_name = "s3://BUCKET/MODEL.tar.gz")]
    pub model_url: Option<ModelUrl>,
    /// Check the size of this image instead of the one that will be built: a file that docker save
    /// wrote, or a number of bytes.
    #[arg(long, value_name = "FILE or BYTES")]
    pub image: Option<ImageSize>,
}

/// How large an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSize {
    /// So many bytes.
    Bytes(u64),
    /// As large as this file, nearly: layers lie in it unpacked.
    Saved(PathBuf),
}

impl FromStr for ImageSize {
    type Err = std::convert::Infallible;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        Ok(typed
            .parse::<u64>()
            .map_or_else(|_| Self::Saved(typed.into()), Self::Bytes))
    }
}

impl ImageSize {
    fn bytes(&self) -> anyhow::Result<u64> {
        match self {
            Self::Bytes(bytes) => Ok(*bytes),
            Self::Saved(path) => bytes_of(path),
        }
    }
}

/// Writes the files, warns of limits, and prints the commands to run.
///
/// # Errors
/// When a file is in the way, or the model or the source is not where it should be.
pub fn deploy(
    wish: &DeployArgs,
    model: &EmbedderChoice,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let model = model_folder(wish, model)?;
    let program = program(wish)?;
    let footprint = footprint(wish, model, &program)?;
    let mut planned = carried();
    planned.push(Planned::text("terraform.tfvars", variables(wish)));
    if wish.source.is_none() {
        planned.push(Planned {
            path: "semascope".into(),
            content: Content::CopyOf(program),
        });
    }
    files::write(&wish.dir, &planned)?;
    writeln!(out, "Written to {}:", wish.dir.display())?;
    for file in &planned {
        writeln!(out, "  {}", file.path.display())?;
    }
    let [image, memory] = [footprint.image_bytes, footprint.memory_bytes()].map(Size);
    writeln!(
        out,
        "\nThe image takes about {image}, and serving about {memory} of memory at most."
    )?;
    if let (Some(folder), Some(url)) = (model, &wish.model_url) {
        let folder = shell_word(folder);
        writeln!(out, "\nPack and upload the model first:\n")?;
        writeln!(out, "  tar -czf - -C {folder} . | aws s3 cp - {url}")?;
    }
    writeln!(out, "\nThen run these three, one after the other:\n")?;
    for command in commands(wish) {
        writeln!(out, "  {command}\n")?;
    }
    for limit in footprint.exceeded(place(wish)) {
        eprintln!("Warning: {limit}.");
    }
    Ok(ExitStatus::Success)
}

/// The folder of a model that is not built in.
fn model_folder<'a>(
    wish: &DeployArgs,
    model: &'a EmbedderChoice,
) -> anyhow::Result<Option<&'a Path>> {
    match model {
        EmbedderChoice::Bundled if wish.model_url.is_some() => bail!(
            "which model will lie there is not said; name its folder with --model DIR, so that its \
             size can be checked"
        ),
        EmbedderChoice::Bundled => Ok(None),
        #[cfg(feature = "cloud")]
        EmbedderChoice::Remote(_) => bail!("an endpoint computes by itself; leave out --remote"),
        EmbedderChoice::Hub(name) => bail!(
            "the endpoint fetches nothing from a hub; name the folder of {name} with --model DIR"
        ),
        EmbedderChoice::Folder(folder) => {
            if wish.model_url.is_none() {
                bail!(
                    "another model than the built-in one is fetched from S3; say where it will lie \
                     with --model-url s3://BUCKET/MODEL.tar.gz"
                );
            }
            if !folder.join("config.json").is_file() {
                bail!(
                    "the model needs config.json, which this folder lacks; choose the folder that \
                     holds the model files: {}",
                    folder.display()
                );
            }
            Ok(Some(folder.as_path()))
        }
    }
}

/// This program's file, which is what the image is made of if not of source.
fn program(wish: &DeployArgs) -> anyhow::Result<PathBuf> {
    if let Some(source) = &wish.source
        && !source.join("Cargo.toml").is_file()
    {
        bail!(
            "there is no Cargo.toml, so this is not the source of Semascope; name its folder: {}",
            source.display()
        );
    }
    if wish.source.is_none() && !RUNS_IN_CONTAINER {
        bail!(
            "this program cannot run in the container, which is Linux on x86-64; name the folder \
             of Semascope's source with --source DIR, and the image is built from that"
        );
    }
    std::env::current_exe().context("could not find this program's own file")
}

fn footprint(wish: &DeployArgs, model: Option<&Path>, program: &Path) -> anyhow::Result<Footprint> {
    let image_bytes = match &wish.image {
        Some(image) => image.bytes()?,
        None => bytes_of(program)? + BASE_BYTES,
    };
    let model_bytes = match model {
        Some(folder) => {
            let size = size_of(folder);
            size.with_context(|| format!("could not read {}", folder.display()))?
        }
        None => BUILT_IN_BYTES,
    };
    Ok(Footprint {
        image_bytes,
        model_bytes,
        is_fetched: model.is_some(),
    })
}

fn bytes_of(file: &Path) -> anyhow::Result<u64> {
    let metadata = fs::metadata(file);
    let metadata = metadata.with_context(|| format!("could not read {}", file.display()))?;
    Ok(metadata.len())
}

fn place(wish: &DeployArgs) -> Place {
    match wish.realtime {
        Some(_) => Place::Realtime,
        None => Place::Serverless(wish.memory),
    }
}

/// `terraform.tfvars`, as `terraform fmt` would write it. No value holds a quote or a `${`.
fn variables(wish: &DeployArgs) -> String {
    let quoted = |value: &dyn std::fmt::Display| format!("\"{value}\"");
    let mut set = vec![
        ("name", quoted(&wish.name)),
        ("region", quoted(&wish.region)),
        ("image_tag", quoted(&wish.tag)),
        ("memory_size_in_mb", wish.memory.megabytes().to_string()),
        ("max_concurrency", wish.concurrency.requests().to_string()),
    ];
    if let Some(instance) = &wish.realtime {
        set.push(("realtime_instance_type", quoted(instance)));
    }
    if let Some(url) = &wish.model_url {
        set.push(("model_data_url", quoted(url)));
    }
    let width = set.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in set {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$} = {value}");
    }
    text
}

/// Makes the repository; builds and pushes the image; makes the rest.
fn commands(wish: &DeployArgs) -> [String; 3] {
    let folder = shell_word(&wish.dir);
    let terraform = format!("terraform -chdir={folder}");
    let (target, context) = match &wish.source {
        Some(source) => ("source", shell_word(source)),
        None => ("binary", folder.clone()),
    };
    let (region, tag) = (&wish.region, &wish.tag);
    let dockerfile = shell_word(&wish.dir.join("Dockerfile"));
    [
        format!("{terraform} init && {terraform} apply -target=aws_ecr_repository.embeddings"),
        // SageMaker refuses OCI manifests, and indexes, which attestations would make of one.
        format!(
            "aws ecr get-login-password --region {region} | docker login --username AWS \
             --password-stdin \"$({terraform} output -raw registry)\" && docker buildx build \
             --platform linux/amd64 --target {target} --provenance=false --sbom=false --output \
             \"type=image,name=$({terraform} output -raw repository_url):{tag},\
             oci-mediatypes=false,push=true\" --file {dockerfile} {context}"
        ),
        format!("{terraform} apply"),
    ]
}

/// A path as one word of a shell's command.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    // A hyphen in front would make it an option.
    let text = if text.starts_with('-') {
        format!("./{text}")
    } else {
        text
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        wish: DeployArgs,
    }

    fn wish(line: &str) -> DeployArgs {
        let words = ["deploy"].into_iter().chain(line.split_whitespace());
        Line::try_parse_from(words).unwrap().wish
    }

    #[test]
    fn variables_are_the_names_that_were_given() {
        assert_eq!(
            variables(&wish("d --region eu-central-1 --name mine --tag v1")),
            "name              = \"mine\"\n\
             region            = \"eu-central-1\"\n\
             image_tag         = \"v1\"\n\
             memory_size_in_mb = 2048\n\
             max_concurrency   = 10\n"
        );
        let realtime = variables(&wish("d --region eu-central-1 --realtime ml.c5.large"));
        assert!(realtime.contains("realtime_instance_type = \"ml.c5.large\""));
    }

    #[test]
    fn three_commands_make_an_image_that_sagemaker_takes() {
        let [first, second, third] = commands(&wish("d --region eu-central-1 --tag v1"));
        assert!(first.ends_with("-target=aws_ecr_repository.embeddings"));
        for part in [
            "--platform linux/amd64",
            "--target binary",
            "--provenance=false --sbom=false",
            ":v1,oci-mediatypes=false,push=true\"",
            "--file d/Dockerfile d",
        ] {
            assert!(second.contains(part), "{second}");
        }
        assert_eq!(third, "terraform -chdir=d apply");
        let [_, from_source, _] = commands(&wish("d --region eu-central-1 --source s"));
        assert!(from_source.contains("--target source"));
        assert!(from_source.ends_with("--file d/Dockerfile s"));
    }

    #[test]
    fn a_path_stays_one_word() {
        let word = |path: &str| shell_word(Path::new(path));
        assert_eq!(word("out/deploy-1"), "out/deploy-1");
        assert_eq!(word("my folder"), "'my folder'");
        assert_eq!(word("it's $(here)"), r"'it'\''s $(here)'");
        assert_eq!(word("-x"), "./-x");
    }

    #[test]
    fn an_image_is_a_number_or_a_file() {
        let image = |typed: &str| typed.parse::<ImageSize>().unwrap();
        assert_eq!(image("13600000000"), ImageSize::Bytes(13_600_000_000));
        assert_eq!(image("image.tar"), ImageSize::Saved("image.tar".into()));
    }
}

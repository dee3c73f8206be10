//! What may be called how, and how much of it there may be: as SageMaker has it.

use std::fmt;
use std::str::FromStr;

/// Why something typed is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAllowed(&'static str);

/// A text that keeps a rule.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $keeps:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = NotAllowed;

            fn from_str(typed: &str) -> Result<Self, NotAllowed> {
                let keeps: fn(&str) -> bool = $keeps;
                if keeps(typed) {
                    return Ok(Self(typed.to_owned()));
                }
                Err(NotAllowed($rule))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// Name of an endpoint.
    EndpointName,
    is_endpoint,
    "1 to 63 letters, digits and hyphens, of which the first and the last are no hyphens"
);
text!(
    /// A region.
    Region,
    is_region,
    "a region looks like eu-central-1"
);
text!(
    /// Type of the instance of a real-time endpoint.
    InstanceType,
    is_instance,
    "an instance type looks like ml.c5.large, and those with ARM processors cannot run the image"
);
text!(
    /// Tag of an image.
    ImageTag,
    is_tag,
    "1 to 128 letters, digits, underscores, dots and hyphens, with neither of the last two in front"
);
text!(
    /// Where a packed model lies.
    ModelUrl,
    is_model_url,
    "the address of a packed model looks like s3://bucket/folder/model.tar.gz"
);

fn is_endpoint(typed: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=63).contains(&typed.len())
        && typed.bytes().all(is_inner)
        && !typed.starts_with('-')
        && !typed.ends_with('-')
}

fn is_region(typed: &str) -> bool {
    let parts: Vec<&str> = typed.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match &parts[..] {
        [area, words @ .., number] => {
            (2..=4).contains(&area.len())
                && is_word(area)
                && !words.is_empty()
                && words.iter().all(is_word)
                && (1..=2).contains(&number.len())
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

fn is_instance(typed: &str) -> bool {
    let Some((family, size)) = typed
        .strip_prefix("ml.")
        .and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    let is_family = family.starts_with(|c: char| c.is_ascii_lowercase())
        && family
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let times = size.strip_suffix("xlarge");
    let is_size = matches!(size, "medium" | "large")
        || times.is_some_and(|times| times.bytes().all(|b| b.is_ascii_digit()));
    is_family && is_size && !is_arm(family)
}

/// Families with a `g` behind the generation: c7g, m6gd, r8gn.
fn is_arm(family: &str) -> bool {
    let behind = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let letters = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.starts_with('g') || family == "a1"
}

fn is_tag(typed: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    (1..=128).contains(&typed.len())
        && typed.bytes().all(is_inner)
        && !typed.starts_with(['.', '-'])
}

fn is_model_url(typed: &str) -> bool {
    let is_bucket = |bucket: &str| {
        let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
        (3..=63).contains(&bucket.len())
            && bucket.bytes().all(is_inner)
            && !bucket.starts_with(['.', '-'])
            && !bucket.ends_with(['.', '-'])
    };
    // Neither quotes nor the marks that begin a template in Terraform.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/_.-+=@".contains(&b);
    typed
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(bucket, key)| {
            is_bucket(bucket)
                && key.bytes().all(is_plain)
                && key
                    .strip_suffix(".tar.gz")
                    .is_some_and(|name| !name.is_empty())
        })
}

/// Memory of a serverless endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    megabytes: u32,
}

impl Memory {
    /// In units of 1,048,576 bytes, which SageMaker calls MB.
    pub fn megabytes(self) -> u32 {
        self.megabytes
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        u64::from(self.megabytes) << 20
    }
}

impl FromStr for Memory {
    type Err = NotAllowed;

    fn from_str(typed: &str) -> Result<Self, NotAllowed> {
        match typed.parse::<u32>() {
            Ok(megabytes @ (1024 | 2048 | 3072 | 4096 | 5120 | 6144)) => Ok(Self { megabytes }),
            _ => Err(NotAllowed("1024, 2048, 3072, 4096, 5120 or 6144, in MB")),
        }
    }
}

/// Requests that a serverless endpoint answers at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency(u16);

impl Concurrency {
    /// How many.
    pub fn requests(self) -> u16 {
        self.0
    }
}

impl FromStr for Concurrency {
    type Err = NotAllowed;

    fn from_str(typed: &str) -> Result<Self, NotAllowed> {
        match typed.parse::<u16>() {
            Ok(n @ 1..=200) => Ok(Self(n)),
            _ => Err(NotAllowed("a number from 1 to 200")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: FromStr>(allowed: &[&str], refused: &[&str]) {
        for typed in allowed {
            assert!(typed.parse::<T>().is_ok(), "{typed:?} is allowed");
        }
        for typed in refused {
            assert!(typed.parse::<T>().is_err(), "{typed:?} is not allowed");
        }
    }

    #[test]
    fn an_endpoint_has_letters_digits_and_inner_hyphens() {
        let (longest, longer) = ("a".repeat(63), "a".repeat(64));
        check::<EndpointName>(
            &["pbl-development-dev-embeddings", "A", "a--b", &longest],
            &["", "a_b", "-a", "a-", "a.b", "a b", "ä", "a\n", &longer],
        );
    }

    #[test]
    fn a_region_has_an_area_and_a_number() {
        check::<Region>(
            &["eu-central-1", "us-gov-west-1", "ap-southeast-12"],
            &[
                "",
                "Frankfurt",
                "eu-1",
                "eu-central-",
                "eu--1",
                "EU-central-1",
                "eu-central-1/x",
            ],
        );
    }

    #[test]
    fn an_instance_has_x86_processors() {
        check::<InstanceType>(
            &[
                "ml.c5.large",
                "ml.m5.xlarge",
                "ml.c6i.32xlarge",
                "ml.g4dn.xlarge",
                "ml.t2.medium",
            ],
            &[
                "c5.large",
                "ml.c5",
                "ml.c5.huge",
                "ml.c7g.large",
                "ml.m6gd.large",
                "ml.c5.x",
                "ml..large",
            ],
        );
    }

    #[test]
    fn memory_comes_in_steps_and_concurrency_ends_at_200() {
        check::<Memory>(
            &["1024", "6144"],
            &["0", "8192", "2000", "2048 MB", "-1024"],
        );
        check::<Concurrency>(&["1", "200"], &["0", "201", "500", "ten", "1.5"]);
        assert_eq!("2048".parse::<Memory>().unwrap().bytes(), 2_147_483_648);
    }

    #[test]
    fn tags_and_addresses_hold_nothing_that_terraform_would_read() {
        check::<ImageTag>(
            &["0.1.0", "v1_2-rc.3", "_"],
            &["", "-a", ".a", "a b", "a\"", "${x}"],
        );
        check::<ModelUrl>(
            &["s3://models-of-ours/minilm/model.tar.gz"],
            &[
                "",
                "https://a/b.tar.gz",
                "s3://abc/.tar.gz",
                "s3://abc/model.zip",
                "s3://abc/${x}.tar.gz",
                "s3://A_B/m.tar.gz",
            ],
        );
    }
}

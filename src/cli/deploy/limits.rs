//! What SageMaker takes: how large an image and a model may be, and how soon they must answer.

use std::fmt;
use std::time::Duration;

use super::names::Memory;

/// The largest image of a serverless endpoint, unpacked.
const IMAGE_BYTES: u64 = 10 * (1 << 30);

/// What the program takes besides its model: measured are some 80 MB while many long texts wait, to
/// which the rest is room.
const PROGRAM_BYTES: u64 = 256 << 20;

/// Bytes that a model takes while it opens, for each byte of its files: 16-bit weights are unfolded
/// to 32 bits beside the files. Measured are 3.3 for 16-bit files and 2.3 for 32-bit ones; a
/// processor that computes in bf16 has one more copy for a moment, which is not measured.
const MODEL_FACTOR: u64 = 4;

/// Bytes of a model that are fetched, unpacked and opened in a second. A cautious guess: nobody
/// promises a rate.
const FETCHED_PER_SECOND: u64 = 40_000_000;

/// Where it is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Paid by the request.
    Serverless(Memory),
    /// Paid by the hour. How much memory it has is a matter of the instance.
    Realtime,
}

impl Place {
    /// How long it waits for a first sign of health.
    fn patience(self) -> Duration {
        match self {
            Self::Serverless(_) => Duration::from_mins(3),
            Self::Realtime => Duration::from_mins(8),
        }
    }
}

/// How much there is of what is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// The image, unpacked.
    pub image_bytes: u64,
    /// The files of the model that is served.
    pub model_bytes: u64,
    /// Whether the model is fetched at every start rather than part of the image.
    pub is_fetched: bool,
}

impl Footprint {
    /// Memory that the program needs.
    pub fn memory_bytes(self) -> u64 {
        PROGRAM_BYTES.saturating_add(self.model_bytes.saturating_mul(MODEL_FACTOR))
    }

    /// How long it takes to answer after a start; a model in the image is there at once.
    pub fn start(self) -> Duration {
        let fetched = if self.is_fetched { self.model_bytes } else { 0 };
        Duration::from_secs(fetched / FETCHED_PER_SECOND)
    }

    /// Every limit that it would pass.
    pub fn exceeded(self, place: Place) -> Vec<Exceeded> {
        let mut found = Vec::new();
        if let Place::Serverless(memory) = place {
            if self.image_bytes > IMAGE_BYTES {
                found.push(Exceeded::Image(self.image_bytes));
            }
            if self.memory_bytes() > memory.bytes() {
                found.push(Exceeded::Memory {
                    needed: self.memory_bytes(),
                    given: memory,
                });
            }
        }
        if self.start() > place.patience() {
            found.push(Exceeded::Start {
                model_bytes: self.model_bytes,
                needed: self.start(),
                given: place.patience(),
            });
        }
        found
    }
}

/// A limit that would be passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// Unpacked size of the image.
    Image(u64),
    /// Memory of the endpoint.
    Memory {
        /// Bytes, roughly.
        needed: u64,
        /// What was asked for.
        given: Memory,
    },
    /// Time until it answers.
    Start {
        /// The model's files.
        model_bytes: u64,
        /// Roughly.
        needed: Duration,
        /// What the endpoint waits.
        given: Duration,
    },
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Image(bytes) => write!(
                f,
                "An image of {} is more than the {} that a serverless endpoint takes, so it \
                 would not be made; use a smaller image, or --realtime INSTANCE",
                Size(bytes),
                Size(IMAGE_BYTES)
            ),
            Self::Memory { needed, given } => write!(
                f,
                "Semascope with this model needs about {} of memory and the endpoint has {}, so it \
                 would be killed; {}",
                Size(needed),
                Size(given.bytes()),
                memory_advice(needed)
            ),
            Self::Start {
                model_bytes,
                needed,
                given,
            } => write!(
                f,
                "A model of {} takes about {} s to fetch and open and the endpoint waits {} s, so \
                 it would never start; use a smaller model",
                Size(model_bytes),
                needed.as_secs(),
                given.as_secs()
            ),
        }
    }
}

/// The smallest memory that is enough, if any is.
fn memory_advice(needed: u64) -> String {
    let mut sizes = (1..=6_u64).map(|step| step * 1024);
    let enough = sizes.find(|megabytes| megabytes << 20 >= needed);
    match enough {
        Some(megabytes) => format!("use --memory {megabytes}"),
        None => "use a smaller model, or --realtime INSTANCE".into(),
    }
}

/// Bytes as people write them, in the decimal units of disks and networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 as f64 {
            n if n >= 1e9 => write!(f, "{:.1} GB", n / 1e9),
            n => write!(f, "{:.0} MB", n / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(megabytes: u32) -> Place {
        Place::Serverless(megabytes.to_string().parse().unwrap())
    }

    /// The image with the built-in model.
    const OURS: Footprint = Footprint {
        image_bytes: 150_000_000,
        model_bytes: 45_000_000,
        is_fetched: false,
    };

    fn check(footprint: Footprint, place: Place, expected: &[&str]) {
        let told: Vec<String> = footprint
            .exceeded(place)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn the_built_in_model_fits_everywhere() {
        check(OURS, memory(1024), &[]);
        check(OURS, memory(2048), &[]);
        check(OURS, Place::Realtime, &[]);
    }

    #[test]
    fn an_image_of_more_than_ten_gib_is_only_for_instances() {
        let stock = Footprint {
            image_bytes: 13_600_000_000,
            ..OURS
        };
        check(
            stock,
            memory(6144),
            &["An image of 13.6 GB is more than the 10.7 GB"],
        );
        check(stock, Place::Realtime, &[]);
        let just = Footprint {
            image_bytes: 10_737_418_240,
            ..OURS
        };
        check(just, memory(2048), &[]);
        let over = Footprint {
            image_bytes: 10_737_418_241,
            ..OURS
        };
        check(over, memory(2048), &["An image of 10.7 GB"]);
    }

    #[test]
    fn a_model_that_needs_more_memory_is_told_how_much() {
        let large = Footprint {
            model_bytes: 440_000_000,
            is_fetched: true,
            ..OURS
        };
        check(large, memory(1024), &["use --memory 2048"]);
        check(large, memory(2048), &[]);
        let huge = Footprint {
            model_bytes: 2_000_000_000,
            ..large
        };
        check(huge, memory(6144), &["or --realtime INSTANCE"]);
        check(huge, Place::Realtime, &[]);
    }

    #[test]
    fn a_model_must_be_there_in_time() {
        let slow = Footprint {
            model_bytes: 8_000_000_000,
            is_fetched: true,
            ..OURS
        };
        check(slow, memory(6144), &["of memory", "waits 180 s"]);
        check(slow, Place::Realtime, &[]);
        let slower = Footprint {
            model_bytes: 24_000_000_000,
            ..slow
        };
        check(slower, Place::Realtime, &["waits 480 s"]);
        let inside = Footprint {
            is_fetched: false,
            ..slower
        };
        check(inside, Place::Realtime, &[]);
    }
}

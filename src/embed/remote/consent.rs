//! What a person agreed to: that texts go to one destination, and to no other.

use super::destination::Destination;

/// Somebody has seen where texts would go, how many and in what form, and agreed.
///
/// It holds for the destination it was given for; with another profile, region, address or model it
/// is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    destination: Destination,
}

impl Consent {
    /// To be called only where a person has just agreed.
    pub fn to(destination: &Destination) -> Self {
        Self {
            destination: destination.clone(),
        }
    }

    /// Whether it holds for a destination.
    pub fn covers(&self, destination: &Destination) -> bool {
        self.destination == *destination
    }
}

/// Texts were to be sent that nobody has agreed to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing was sent, as nobody has agreed to it yet")]
pub struct Unconsented;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_holds_for_one_destination_alone() {
        let parse = |typed: &str, profile| Destination::parse(typed, profile, None, None).unwrap();
        let agreed = parse("sagemaker:a@eu-central-1", None);
        let consent = Consent::to(&agreed);
        assert!(consent.covers(&agreed));
        for other in [
            parse("sagemaker:a@us-east-1", None),
            parse("sagemaker:b@eu-central-1", None),
            parse("sagemaker:a@eu-central-1", Some("other")),
            parse("bedrock:cohere.embed-v4@eu-central-1", None),
        ] {
            assert!(!consent.covers(&other));
        }
    }
}

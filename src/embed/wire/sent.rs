//! What a client sends.

use serde_json::json;

/// The form of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// `{"inputs": […], "truncate": true}`: Hugging Face, Text Embeddings Inference, Semascope.
    Inputs,
    /// `{"text_inputs": […]}`: JumpStart.
    TextInputs,
    /// `POST /v1/embeddings`.
    OpenAi {
        /// The model's name there.
        model: String,
    },
    /// Titan 1 on Bedrock, one text a request.
    Titan1,
    /// Titan 2 on Bedrock, one text a request.
    Titan2 {
        /// 256, 512 or 1,024.
        dimension: usize,
    },
    /// Cohere 3 and later on Bedrock.
    Cohere,
}

/// The body of a request for the vectors of some texts; for Titan of the first alone.
pub fn sent(form: &Form, texts: &[&str]) -> Vec<u8> {
    let first = texts.first().copied().unwrap_or_default();
    let body = match form {
        // Servers disagree on whether a long text is cut or refused when nothing is said.
        Form::Inputs => json!({"inputs": texts, "truncate": true}),
        Form::TextInputs => json!({"text_inputs": texts}),
        Form::OpenAi { model } => {
            json!({"input": texts, "model": model, "encoding_format": "float"})
        }
        Form::Titan1 => json!({"inputText": first}),
        Form::Titan2 { dimension } => {
            json!({"inputText": first, "dimensions": dimension, "normalize": true})
        }
        // Rather refused than cut unseen: a passage may have more than the 2,048 characters it reads.
        Form::Cohere => json!({"texts": texts, "input_type": "clustering", "truncate": "NONE"}),
    };
    body.to_string().into_bytes()
}

impl Form {
    /// The most texts that servers of this form take in one request.
    pub fn max_texts(&self) -> usize {
        match self {
            Self::Titan1 | Self::Titan2 { .. } => 1,
            // What Text Embeddings Inference takes unless it is told otherwise.
            Self::Inputs | Self::TextInputs | Self::OpenAi { .. } => 32,
            Self::Cohere => 96,
        }
    }
}

/// Bytes of a text inside a JSON body, with its quotes and a comma.
pub fn json_bytes(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..0x20 => 6,
        _ => 1,
    };
    3 + text.bytes().map(escaped).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::wire::{ask, openai_ask};

    #[test]
    fn what_is_sent_is_understood_by_the_server() {
        let texts = ["a \"b\"", "ü\n"];
        for form in [Form::Inputs, Form::TextInputs] {
            assert_eq!(ask(&sent(&form, &texts)).unwrap().texts, texts);
        }
        let titan = Form::Titan2 { dimension: 256 };
        let asked = ask(&sent(&titan, &texts[..1])).unwrap();
        assert_eq!((asked.texts.len(), asked.dimensions), (1, Some(256)));
        let openai = Form::OpenAi { model: "m".into() };
        assert_eq!(openai_ask(&sent(&openai, &texts)).unwrap().texts, texts);
    }

    #[test]
    fn the_bytes_of_a_text_in_json_are_known_beforehand() {
        for text in [
            "",
            "plain",
            "\"\\\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}",
            "ü 橋 \u{1F600}",
        ] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(json_bytes(text), written.len() + 1, "{text:?}");
        }
    }
}

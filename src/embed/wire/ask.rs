//! What a request asks for: the forms of Hugging Face, Text Embeddings Inference, JumpStart,
//! Bedrock's Titan, JSON Lines and OpenAI.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

/// Texts to embed, and how.
#[derive(Debug, Default, PartialEq)]
pub struct Ask {
    /// The texts, in order.
    pub texts: Vec<String>,
    /// Whether a text that is too long is read as far as the model can, rather than refused.
    pub truncates: bool,
    /// Whether vectors are wanted as base64 of little-endian 32-bit floats.
    pub in_base64: bool,
    /// The model's name as the client knows it, to be repeated.
    pub model: Option<String>,
    /// The length of vectors that the client expects.
    pub dimensions: Option<usize>,
}

/// One line of JSON Lines.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// What the client calls it, to be repeated.
    pub id: Option<Value>,
    /// The text.
    pub text: String,
}

/// Why a body cannot be understood. It repeats nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedAsk {
    /// Not JSON.
    #[error("this is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1 on.
        line: usize,
        /// From 1 on; 0 at the start of a line.
        column: usize,
    },
    /// JSON of another form.
    #[error("{expected}")]
    Form {
        /// A sentence on what belongs there.
        expected: &'static str,
    },
    /// One line of many is malformed.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1 on.
        line: usize,
        /// Its own fault.
        reason: Box<MalformedAsk>,
    },
    /// The client wants what this model does not give.
    #[error("{0}")]
    NotOffered(&'static str),
}

const EXPECTED_INPUTS: &str = "expected {\"inputs\": \"text\"} or {\"inputs\": [\"text\", …]}";
const EXPECTED_LINE: &str =
    "expected {\"inputs\": \"text\"}, {\"id\": …, \"inputs\": \"text\"} or a JSON string";
const EXPECTED_OPENAI: &str = "expected {\"input\": \"text\"} or {\"input\": [\"text\", …]}";
const TOKEN_IDS: &str = "token ids are not understood; send the text itself";

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
    /// A list of token ids, or several; to be refused.
    Tokens(#[expect(dead_code, reason = "only its form is asked for")] Tokens),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its form is asked for")]
enum Tokens {
    One(Vec<u32>),
    Many(Vec<Vec<u32>>),
}

impl Texts {
    fn list(self, expected: &'static str) -> Result<Vec<String>, MalformedAsk> {
        match self {
            Self::One(text) => Ok(vec![text]),
            Self::Many(texts) => Ok(texts),
            Self::Tokens(_) => Err(MalformedAsk::NotOffered(TOKEN_IDS)),
            Self::Other(_) => Err(MalformedAsk::Form { expected }),
        }
    }
}

/// Other fields are for other servers, and are passed over.
#[derive(Deserialize)]
struct Inputs {
    #[serde(rename = "inputs", alias = "text_inputs", alias = "inputText")]
    texts: Texts,
    truncate: Option<bool>,
    normalize: Option<bool>,
    encoding: Option<Encoding>,
    dimensions: Option<usize>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Float,
    Base64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Inputs(Inputs),
    Bare(Texts),
}

/// The forms of Hugging Face (`inputs`), Text Embeddings Inference (`inputs`, `truncate`,
/// `normalize`), JumpStart (`text_inputs`), Titan (`inputText`), and a bare string or list.
///
/// # Errors
/// [`MalformedAsk`], also when vectors are wanted that are not of length 1.
pub fn ask(body: &[u8]) -> Result<Ask, MalformedAsk> {
    let expected = EXPECTED_INPUTS;
    match parsed(body, expected)? {
        Body::Bare(texts) => Ok(Ask {
            texts: texts.list(expected)?,
            truncates: true,
            ..Ask::default()
        }),
        Body::Inputs(Inputs {
            normalize: Some(false),
            ..
        }) => Err(MalformedAsk::NotOffered(
            "this model's vectors have length 1; leave out \"normalize\": false",
        )),
        Body::Inputs(inputs) => Ok(Ask {
            texts: inputs.texts.list(expected)?,
            truncates: inputs.truncate.unwrap_or(true),
            in_base64: inputs.encoding == Some(Encoding::Base64),
            model: None,
            dimensions: inputs.dimensions,
        }),
    }
}

#[derive(Deserialize)]
struct OpenAi {
    input: Texts,
    model: Option<String>,
    encoding_format: Option<Encoding>,
    dimensions: Option<usize>,
}

/// The body of `POST /v1/embeddings`.
///
/// # Errors
/// [`MalformedAsk`]; token ids are refused, as only the text is understood.
pub fn openai_ask(body: &[u8]) -> Result<Ask, MalformedAsk> {
    let asked: OpenAi = parsed(body, EXPECTED_OPENAI)?;
    Ok(Ask {
        texts: asked.input.list(EXPECTED_OPENAI)?,
        truncates: true,
        in_base64: asked.encoding_format == Some(Encoding::Base64),
        model: asked.model,
        dimensions: asked.dimensions,
    })
}

#[derive(Deserialize)]
struct NamedLine {
    id: Option<Value>,
    #[serde(alias = "text_inputs", alias = "inputText")]
    inputs: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyLine {
    Bare(String),
    Named(NamedLine),
}

/// JSON Lines: one text a line. The line break after the last one may be missing; an empty line is
/// an error, since there is an answer for every line and none for it.
///
/// # Errors
/// [`MalformedAsk::Line`] for the first line that is malformed.
pub fn asked_lines(body: &[u8]) -> Result<Vec<Line>, MalformedAsk> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    lines
        .map(|(at, line)| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match parsed(line, EXPECTED_LINE) {
                Ok(AnyLine::Bare(text)) => Ok(Line { id: None, text }),
                Ok(AnyLine::Named(NamedLine { id, inputs: text })) => Ok(Line { id, text }),
                Err(reason) => Err(MalformedAsk::Line {
                    line: at + 1,
                    reason: Box::new(reason),
                }),
            }
        })
        .collect()
}

fn parsed<'a, T: Deserialize<'a>>(
    body: &'a [u8],
    expected: &'static str,
) -> Result<T, MalformedAsk> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => MalformedAsk::Form { expected },
        Category::Io | Category::Syntax | Category::Eof => MalformedAsk::NotJson {
            line: error.line(),
            column: error.column(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Result<Vec<String>, MalformedAsk> {
        ask(body.as_bytes()).map(|ask| ask.texts)
    }

    #[test]
    fn the_forms_of_all_servers_are_understood() {
        for (body, expected) in [
            (r#"{"inputs": "a"}"#, vec!["a"]),
            (
                r#"{"inputs": ["a", "b"], "parameters": {"x": 1}}"#,
                vec!["a", "b"],
            ),
            (
                r#"{"inputs": [], "truncate": true, "normalize": true}"#,
                vec![],
            ),
            (r#"{"text_inputs": ["a"]}"#, vec!["a"]),
            (r#"{"inputText": "a", "dimensions": 384}"#, vec!["a"]),
            (r#"["a", "\u00fc"]"#, vec!["a", "ü"]),
            (r#""a""#, vec!["a"]),
        ] {
            assert_eq!(texts(body).unwrap(), expected, "{body}");
        }
        let wanted = ask(br#"{"inputs": "a", "truncate": false, "encoding": "base64"}"#).unwrap();
        assert!(!wanted.truncates && wanted.in_base64);
        let wanted = openai_ask(br#"{"input": ["a"], "model": "m", "user": "u"}"#).unwrap();
        assert_eq!(
            (wanted.texts.len(), wanted.model.as_deref()),
            (1, Some("m"))
        );
    }

    #[test]
    fn what_is_not_understood_is_told_without_repeating_it() {
        for body in [
            r#"{"inputs": {"canary": 1}}"#,
            r#"{"canary": "canary"}"#,
            r#"{"inputs": ["canary", 1]}"#,
            r#"{"inputs": "canary", "truncate": "canary"}"#,
            r#"{"inputs": "canary"#,
            r#"{"inputs": "canary"} canary"#,
            r#"{"inputs": "canary", "normalize": false}"#,
            r#"{"inputs": "canary", "encoding": "canary"}"#,
            "canary",
            "",
            "{\"inputs\": \"canary\u{0}\"}",
        ] {
            let error = ask(body.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        assert_eq!(
            texts("{\n\"inputs\" 1}").unwrap_err().to_string(),
            "this is not JSON: line 2, column 10"
        );
        assert_eq!(
            openai_ask(br#"{"input": [[1, 2]]}"#),
            Err(MalformedAsk::NotOffered(TOKEN_IDS))
        );
    }

    #[test]
    fn nesting_without_end_is_an_error() {
        let deep = format!("{{\"inputs\": {}", "[".repeat(1_000_000));
        assert!(texts(&deep).is_err());
    }

    #[test]
    fn every_line_is_one_text() {
        let lines = asked_lines(
            b"{\"inputs\": \"a\"}\r\n\"b\"\n{\"id\": \"x\", \"inputs\": \"c\"}\n{\"id\": 7, \"inputs\": \"\"}",
        )
        .unwrap();
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c", ""]);
        assert_eq!(lines[2].id, Some(Value::from("x")));
        assert_eq!(lines[3].id, Some(Value::from(7)));
        assert_eq!(asked_lines(b"").unwrap(), []);
        assert_eq!(asked_lines(b"\"a\"\n").unwrap().len(), 1);
        let error = asked_lines(b"\"a\"\n\n\"b\"").unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{error}");
    }
}

//! Mail: the words of a message, one document each; attachments are named, not read.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use super::super::Reason;
use super::super::draft::Draft;
use super::{Extracted, html};
use crate::message::count;

/// Messages forwarded within messages, so deep.
const MAX_FORWARDED: usize = 10;

/// Reads one message.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or("not a readable mail")?;
    let mut draft = Draft {
        title: message.subject().map(str::to_owned),
        ..Draft::default()
    };
    let from = message.from().and_then(|address| address.first());
    draft.about(
        "from",
        from.and_then(|address| address.name().or(address.address())),
    );
    draft.about(
        "date",
        message
            .date()
            .map(mail_parser::DateTime::to_rfc3339)
            .as_deref(),
    );
    if let Some(subject) = message.subject() {
        draft.block(subject);
    }
    body(&mut draft, &message, 0);
    if draft.text.trim().is_empty() {
        return Err("a mail without words".into());
    }
    Ok(draft)
}

/// Reads a mailbox, message by message.
pub fn read_mailbox(bytes: &[u8]) -> Extracted {
    let messages = split_mailbox(bytes);
    Extracted::Messages(messages.iter().map(|message| read(message)).collect())
}

/// A message begins at a line "From …" after an empty line, when a header follows. Lines of a text
/// that begin so were given a `>` by most programs, but not by all.
fn split_mailbox(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut after_blank = true;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let name = lines
            .peek()
            .and_then(|next| next.split(|byte| *byte == b':').next());
        let header_follows =
            name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic));
        if after_blank && line.starts_with(b"From ") && header_follows {
            messages.push(Vec::new());
        } else if let Some(message) = messages.last_mut() {
            let unquoted = line.trim_ascii_start();
            let is_quoted = line.starts_with(b">")
                && unquoted
                    .iter()
                    .position(|byte| *byte != b'>')
                    .is_some_and(|at| unquoted[at..].starts_with(b"From "));
            message.extend_from_slice(if is_quoted { &line[1..] } else { line });
        }
        after_blank = line.trim_ascii().is_empty();
    }
    messages
}

fn body(draft: &mut Draft, message: &Message<'_>, depth: usize) {
    // A message in two forms says the same in both; plain text is the one without menus.
    let parts = if message.text_body.is_empty() {
        &message.html_body
    } else {
        &message.text_body
    };
    for part in parts.iter().filter_map(|id| message.part(*id)) {
        match &part.body {
            PartType::Text(text) => draft.lines(&text.replace("\r\n", "\n")),
            PartType::Html(text) => draft.append(&html::draft(text)),
            _ => {}
        }
    }
    let mut left_out = Vec::new();
    for part in message.attachments() {
        match &part.body {
            PartType::Message(forwarded) if depth < MAX_FORWARDED => {
                if let Some(subject) = forwarded.subject() {
                    draft.heading(subject);
                }
                body(draft, forwarded, depth + 1);
            }
            _ => left_out.push(part.attachment_name().unwrap_or("unnamed").to_owned()),
        }
    }
    if !left_out.is_empty() {
        draft.notes.push(format!(
            "{} of a mail left unread ({})",
            count(left_out.len(), "attachment"),
            left_out.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "From: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Low_w=C3=A4ter?=\r\nDate: Mon, 2 Feb 2026 10:00:00 +0100\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n0MHSz80=\r\n";

    #[test]
    fn headers_and_words_are_decoded() {
        let draft = read(PLAIN.as_bytes()).unwrap();
        assert_eq!(draft.title.as_deref(), Some("Low wäter"));
        assert_eq!(draft.text.trim(), "Low wäter\n\nпаром");
        assert_eq!(draft.metadata["from"], "Ada");
        assert_eq!(draft.metadata["date"], "2026-02-02T10:00:00+01:00");
    }

    #[test]
    fn plain_text_is_taken_before_html_and_attachments_are_named() {
        let mail = "Subject: Two\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
            --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
            --a\r\nContent-Type: text/plain\r\n\r\nThe plain words.\r\n\
            --a\r\nContent-Type: text/html\r\n\r\n<p>The <b>rich</b> words.</p>\r\n--a--\r\n\
            --m\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=tide.png\r\n\r\nxx\r\n--m--\r\n";
        let draft = read(mail.as_bytes()).unwrap();
        assert_eq!(draft.text.trim(), "Two\n\nThe plain words.");
        assert_eq!(
            draft.notes,
            ["1 attachment of a mail left unread (tide.png)"]
        );
    }

    #[test]
    fn a_mailbox_is_as_many_documents_as_messages() {
        let mailbox = "From a Mon Jan  1 00:00:00 2026\nSubject: One\n\nFirst words.\nFrom there on.\n>From me.\n\nFrom b Mon Jan  1 00:00:00 2026\nSubject: Two\n\nMore words.\n";
        let Extracted::Messages(messages) = read_mailbox(mailbox.as_bytes()) else {
            panic!("no messages");
        };
        let titles: Vec<_> = messages
            .iter()
            .map(|found| found.as_ref().unwrap().title.clone().unwrap())
            .collect();
        assert_eq!(titles, ["One", "Two"]);
        let first = messages[0].as_ref().unwrap().text.trim();
        assert_eq!(first, "One\n\nFirst words.\nFrom there on.\nFrom me.");
    }
}

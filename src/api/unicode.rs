//! Text that is no Unicode, in an answer: it becomes U+FFFD, so that one odd name does not hide the rest.

/// The body with U+FFFD in place of bytes that are not UTF-8 and of escaped halves of surrogate pairs.
pub fn mended(body: Vec<u8>) -> Vec<u8> {
    let body = match String::from_utf8(body) {
        Ok(text) => text.into_bytes(),
        Err(e) => String::from_utf8_lossy(e.as_bytes())
            .into_owned()
            .into_bytes(),
    };
    pair_surrogates(body)
}

/// Replaces `\ud83d` without its other half by `\ufffd`, which is as long.
fn pair_surrogates(mut json: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(found) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        match (
            surrogate(&json[at..]),
            surrogate(json.get(at + 6..).unwrap_or_default()),
        ) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => at += 12,
            (Some(_), _) => {
                json[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            // Another escape; the letter behind it is no beginning of one.
            (None, _) => at += 2,
        }
        if at >= json.len() {
            break;
        }
    }
    json
}

/// The code of a surrogate that is escaped here.
fn surrogate(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    let code = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xD800..0xE000).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_is_no_unicode_is_replaced_and_nothing_else() {
        for (sent, meant) in [
            (&b"{\"a\":\"Rose\"}"[..], "{\"a\":\"Rose\"}"),
            (b"\"caf\xe9\"", "\"caf\u{fffd}\""),
            (b"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""),
            (b"\"\\ud83d\"", "\"\\ufffd\""),
            (b"\"\\uD83D x\"", "\"\\ufffd x\""),
            (b"\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\""),
            (b"\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""),
            (b"\"\\\\ud83d\"", "\"\\\\ud83d\""),
            (b"\"\\\\\\ud83d\"", "\"\\\\\\ufffd\""),
            (b"\"\\ud83", "\"\\ud83"),
            (b"\\", "\\"),
            (b"\\ud83d", "\\ufffd"),
            (b"", ""),
        ] {
            let mended = String::from_utf8(mended(sent.to_vec())).unwrap();
            assert_eq!(mended, meant);
        }
    }
}

//! Answers that are not the API's, told briefly.

/// The beginning of a body that is not the API's, on one line: tags of HTML and white space folded away.
pub fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 120;
    // More than enough for an excerpt, however much mark-up stands before the first words.
    let text = String::from_utf8_lossy(&body[..body.len().min(8192)]);
    let html = text.trim_start().starts_with('<');
    let mut words = String::new();
    let mut rest: &str = &text;
    while let Some(c) = rest.chars().next() {
        if html && c == '<' {
            let tag = rest.to_ascii_lowercase();
            // What stands in these is not for people; it ends only with its own closing tag.
            let closing = ["style", "script"]
                .into_iter()
                .find(|name| tag[1..].starts_with(name))
                .and_then(|name| tag.find(&format!("</{name}")));
            let from = closing.unwrap_or_default();
            let end = rest[from..]
                .find('>')
                .map_or(rest.len(), |end| from + end + 1);
            rest = &rest[end..];
            words.push(' ');
            continue;
        }
        words.push(if c.is_control() { ' ' } else { c });
        rest = &rest[c.len_utf8()..];
    }
    let folded: Vec<&str> = words.split_whitespace().collect();
    let folded = folded.join(" ");
    let mut short: String = folded.chars().take(LONGEST).collect();
    if short.len() < folded.len() {
        short.push('…');
    }
    if html {
        format!("an HTML page: \"{short}\"")
    } else {
        format!("\"{short}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_answer_is_told_in_a_few_words() {
        let page = "<html><head><style>b{}</style><title>502 Bad\nGateway</title></head><body><script>x<1</script>nginx</body>";
        for (body, said) in [
            (page, r#"an HTML page: "502 Bad Gateway nginx""#),
            ("<html>Log in</html>", r#"an HTML page: "Log in""#),
            ("\u{1b}[31mhello\u{7}", r#""[31mhello""#),
        ] {
            assert_eq!(excerpt(body.as_bytes()), said);
        }
        let long = excerpt("word ".repeat(1000).as_bytes());
        assert!(long.chars().count() < 130, "{long}");
    }
}

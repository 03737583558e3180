//! Writes HTML. What is ours is a literal of the source; everything else goes through [`Html::text`] or an attribute,
//! which escape it, so that a product named `<script>` is a name.

use std::fmt::Write;

use crate::clean::clean;

/// A document, or a part of one.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// A literal of ours, tags included.
    pub(super) fn raw(&mut self, literal: &'static str) -> &mut Html {
        self.0.push_str(literal);
        self
    }

    /// Any text.
    pub(super) fn text(&mut self, text: impl AsRef<str>) -> &mut Html {
        for c in clean(text.as_ref()).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // Neither can begin anything in a browser that takes the page for another encoding or language.
                '`' => self.0.push_str("&#96;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// A name or code of theirs: its direction stays its own.
    pub(super) fn name(&mut self, text: impl AsRef<str>) -> &mut Html {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// A number of ours, for a picture: never more than two decimals.
    pub(super) fn number(&mut self, number: f64) -> &mut Html {
        let number = if number.is_finite() { number } else { 0.0 };
        // Writing to a text can't fail.
        let _ = write!(self.0, "{:.2}", number);
        self
    }

    /// An element with any content.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        close: &'static str,
        content: impl FnOnce(&mut Html),
    ) -> &mut Html {
        self.raw(open);
        content(self);
        self.raw(close).raw("\n")
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut html = Html::default();
        html.text(text);
        html.finish()
    }

    #[test]
    fn a_name_is_a_name() {
        assert_eq!(
            escaped("<script>alert('x')</script> & \"y\"`"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;&#96;"
        );
        assert_eq!(
            escaped("a\u{202E}b\u{0}c\u{2066}\n"),
            "a\u{FFFD}b\u{FFFD}c\u{FFFD} "
        );
        assert_eq!(escaped("Тюльпаны 🌷 বাংলা"), "Тюльпаны 🌷 বাংলা");
    }

    proptest! {
        #[test]
        fn nothing_that_begins_a_tag_or_ends_an_attribute_is_left(text: String) {
            prop_assert!(!escaped(&text).contains(['<', '>', '"', '\'', '`']));
        }
    }
}

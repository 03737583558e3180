//! Numbers in sentences.

/// Digits in groups of three: `1,234,567`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('-');
    }
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 product`, `1,234 products`, `2 passes`.
pub fn counted(n: u64, what: &str) -> String {
    let plural = match n {
        1 => "",
        _ if what.ends_with('s') => "es",
        _ => "s",
    };
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    format!("{} {what}{plural}", grouped(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many() {
        assert_eq!(counted(0, "product"), "0 products");
        assert_eq!(counted(1, "product"), "1 product");
        assert_eq!(counted(1_234, "pass"), "1,234 passes");
        assert_eq!(grouped(-1_000_000), "-1,000,000");
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }
}

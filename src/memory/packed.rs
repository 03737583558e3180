//! What changed from one snapshot to the next, as a few bytes: a year of nights of a large store would otherwise be
//! millions of rows. Numbers are LEB128; variants follow each other by id.

/// A variant's stock from a snapshot on, in units; `None` where the variant is gone.
pub type Level = (i64, Option<i64>);

/// The bytes of these levels, which are in the order of the variants' ids, each above 0 and there once.
pub fn pack(levels: impl IntoIterator<Item = Level>) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut last = 0;
    for (sku, quantity) in levels {
        // The lowest bit says whether the variant is gone; ids leave room for it.
        let step = sku.abs_diff(last) << 1;
        put(&mut packed, step | u64::from(quantity.is_none()));
        if let Some(quantity) = quantity {
            put(&mut packed, zigzag(quantity));
        }
        last = sku;
    }
    packed
}

/// The levels that these bytes are. They end early where the bytes are damaged: see [`Unpacked::is_whole`].
pub fn unpack(packed: &[u8]) -> Unpacked<'_> {
    Unpacked {
        left: packed,
        last: 0,
        whole: true,
    }
}

/// Levels as they are unpacked.
pub struct Unpacked<'a> {
    left: &'a [u8],
    last: i64,
    whole: bool,
}

impl Unpacked<'_> {
    /// Whether nothing that was unpacked so far was damaged.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    fn take(&mut self) -> Option<Level> {
        let step = get(&mut self.left)?;
        let sku = self.last.checked_add_unsigned(step >> 1)?;
        let quantity = match step & 1 {
            0 => Some(unzigzag(get(&mut self.left)?)),
            _ => None,
        };
        self.last = sku;
        Some((sku, quantity))
    }
}

impl Iterator for Unpacked<'_> {
    type Item = Level;

    fn next(&mut self) -> Option<Level> {
        if self.left.is_empty() {
            return None;
        }
        let level = self.take();
        if level.is_none() {
            self.whole = false;
            self.left = &[];
        }
        level
    }
}

/// Small numbers above and below 0 become small numbers above it.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn put(packed: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        packed.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

fn get(left: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = left.split_first()?;
        *left = rest;
        let bits = u64::from(byte & 0x7F);
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_night_is_a_few_bytes() {
        let night = [
            (450, Some(25)),
            (451, Some(0)),
            (460, None),
            (i64::MAX, Some(i64::MIN)),
        ];
        let packed = pack(night);
        assert_eq!(packed.len(), 2 + 1 + 1 + 1 + 1 + 10 + 10);
        assert_eq!(unpack(&packed).collect::<Vec<_>>(), night);
        let mut cut = unpack(&packed[..packed.len() - 1]);
        assert_eq!(cut.by_ref().count(), 3);
        assert!(!cut.is_whole());
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out(levels: BTreeMap<u32, Option<i64>>) {
            let levels: Vec<Level> = levels.into_iter().map(|(sku, q)| (i64::from(sku) + 1, q)).collect();
            let packed = pack(levels.iter().copied());
            let mut unpacked = unpack(&packed);
            prop_assert_eq!(unpacked.by_ref().collect::<Vec<_>>(), levels);
            prop_assert!(unpacked.is_whole());
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            unpack(&bytes).for_each(drop);
        }
    }
}

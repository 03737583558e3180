//! A scan that is under way: each line is looked up, counted and shown.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use crate::api::Client;
use crate::catalogue::{Candidate, Catalogue, Known, SkuName, several_variants};
use crate::error::{Error, Kind, Result};
use crate::model::SkuId;
use crate::scan::journal::{Journal, Stocked};
use crate::scan::tally::{self, Meaning, Tally, Total, Word};

use super::screen::Screen;
use super::stock::Stock;

/// What was scanned when it ended.
pub struct Done {
    /// The totals.
    pub tally: Tally,
    /// What the stock was; nothing where it does not count.
    pub stock: HashMap<SkuId, Stocked>,
    /// What the store's codes are, as far as is known.
    pub catalogue: Catalogue,
    /// What was taken for a number, and of which variant.
    pub numbers: Vec<(String, SkuId)>,
}

/// A scan that is under way.
pub struct Session<'a, 'scope> {
    pub client: &'a Client,
    pub catalogue: Catalogue,
    /// SKU codes by what labels carry instead.
    pub labels: HashMap<String, String>,
    /// What the catalogue did not know as it was typed, and the store did.
    pub found: HashMap<String, Known>,
    pub tally: Tally,
    pub journal: &'a Journal,
    pub stock: Stock<'scope>,
    pub screen: Screen<'a>,
    /// How many lines there were.
    pub number: usize,
    /// What was taken for a number, and of which variant.
    pub numbers: Vec<(String, SkuId)>,
}

impl Session<'_, '_> {
    /// Counts the lines of the scan that was cut off.
    pub fn go_on(&mut self, lines: &[(String, Option<Meaning>)]) -> Result<()> {
        self.stock.in_time = false;
        let known = lines.iter().take_while(|(_, meaning)| meaning.is_some());
        let known = known.count();
        for (line, meaning) in &lines[..known] {
            self.count(meaning.as_ref().unwrap_or(&Meaning::Nothing), line);
        }
        for total in self.tally.totals() {
            self.stock.ask(&total.variant);
        }
        self.screen.goes_on(&self.tally)?;
        self.number = known;
        for (line, _) in &lines[known..] {
            self.line(line)?;
        }
        self.stock.in_time = true;
        Ok(())
    }

    /// Everything that comes.
    pub fn all(&mut self, lines: &Receiver<Result<String>>) -> Result<()> {
        self.screen.waits()?;
        for line in lines {
            self.line(&line?)?;
            self.screen.waits()?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let (meaning, refused) = match self.meaning(line)? {
            Ok(meaning) => (meaning, None),
            Err(why) => (Meaning::Nothing, Some(why)),
        };
        self.journal.means(self.number, &meaning)?;
        self.number += 1;
        match refused {
            None => {
                if let Meaning::Scan(variant) = &meaning {
                    self.stock.ask(variant);
                }
                let Some(total) = self.count(&meaning, line) else {
                    return Ok(());
                };
                if total.scans == 0 {
                    self.stock.forget(total.variant.sku);
                }
                self.screen.shows(line, &meaning, &total)
            }
            Some(why) => {
                self.tally.count(&Meaning::Nothing);
                self.screen.refuses(line, &why)
            }
        }
    }

    /// Counts what a line means; what the variant that it is about comes to, where it changed anything.
    fn count(&mut self, meaning: &Meaning, line: &str) -> Option<Total> {
        let total = self.tally.count(meaning).cloned();
        if let (Meaning::Units(_), Some(total)) = (meaning, &total) {
            self.numbers.push((line.to_owned(), total.variant.sku));
        }
        total
    }

    /// What a line means; the inner error says why it counts nothing.
    fn meaning(&mut self, line: &str) -> Result<Result<Meaning>> {
        if tally::word(line) == Some(Word::Back) {
            return Ok(match self.tally.scans() {
                0 => Err(Error::usage("there is no scan to take back")),
                _ => Ok(Meaning::Back),
            });
        }
        if let Some(units) = tally::how_many(line)
            && !self.is_code(line)?
        {
            return Ok(match self.tally.takes_a_number() {
                true => Ok(Meaning::Units(units)),
                false => Err(Error::usage(format!(
                    "{line} is not a code, and there is no scan before it that it could be the number of"
                ))),
            });
        }
        Ok(self.variant(line)?.map(Meaning::Scan))
    }

    /// Whether the store or the labels know this as a code, though it could be a number.
    fn is_code(&self, line: &str) -> Result<bool> {
        let known = self.labels.contains_key(line) || self.found.contains_key(line);
        Ok(known || !self.catalogue.known(line)?.is_empty())
    }

    /// The variant that a line means; the inner error says why there is none. No request where the catalogue knows it.
    fn variant(&mut self, line: &str) -> Result<Result<Known>> {
        let code = self.labels.get(line).map_or(line, String::as_str);
        let mut known = self.catalogue.known(code)?;
        if known.len() > 1 {
            let candidates: Vec<Candidate> = known.into_iter().map(Candidate::from).collect();
            return Ok(Err(several_variants(code, &candidates)));
        }
        if let Some(known) = known.pop().or_else(|| self.found.get(code).cloned()) {
            return Ok(Ok(known));
        }
        let name = match code.bytes().all(|b| b.is_ascii_digit()) {
            true => SkuName::Code(code.to_owned()),
            false => match code.parse() {
                Ok(name) => name,
                Err(why) => return Ok(Err(Error::usage(why))),
            },
        };
        let found = self.catalogue.find(self.client, &[name], &|_| {});
        let found = found.and_then(|found| {
            let found = found.first();
            let known = found.and_then(|f| Known::new(&f.product.value, f.sku_id));
            known.ok_or_else(|| Error::internal("a variant vanished from its product"))
        });
        match found {
            Ok(known) => {
                self.found.insert(code.to_owned(), known.clone());
                Ok(Ok(known))
            }
            Err(e) => match e.kind() {
                Kind::Auth | Kind::Internal | Kind::Interrupted(_) => Err(e),
                _ => Ok(Err(e)),
            },
        }
    }

    /// No more lines come.
    pub fn end(self) -> Result<Done> {
        self.screen.end()?;
        Ok(Done {
            stock: self.stock.end()?,
            tally: self.tally,
            catalogue: self.catalogue,
            numbers: self.numbers,
        })
    }
}

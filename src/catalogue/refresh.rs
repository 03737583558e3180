//! Takes the catalogue to what the store has now.
//!
//! The newest updates are listed, page by page down to the watermark; what was updated is read again. Then the
//! number of products that are known is held against the store's: where they differ, every product is listed, those
//! that are gone are forgotten and those that are new or were updated are read. The same makes a catalogue in the
//! first place: what was read and kept before an interruption is not read again.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::rows::Reading;
use super::stamp::Stamp;
use super::{Catalogue, Keep, LIST_WORKERS, READ_WORKERS, each_product};
use crate::api::{Client, ListQuery, MAX_LIMIT, Page, Tries, paging};
use crate::error::Result;
use crate::model::{Product, ProductId, ProductSummary, Raw};
use crate::progress::{OnProgress, Phase, Progress};

/// How many pages of updates are read one after another. With more, the whole list is faster: its pages come side by side.
const MOST_PAGES: u64 = 8;

/// Seconds below the watermark that are looked at all the same: a server may make an update visible after a later one.
const SLACK: i64 = 10;

/// Products that were read are kept in batches of this size, and at the latest after this time, so that an interruption
/// loses little and other processes never wait for long.
const BATCH: usize = 256;
const BATCH_TIME: Duration = Duration::from_secs(1);

/// How many products are read before the next are looked at: what is to be known of a product to read it is held for these
/// alone.
const PORTION: usize = 4096;

/// How many of the products that could not be read are tried again at each look.
const MOST_UNREAD: usize = 20;

/// Which store is read, and who is told how far it has come.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a> {
    pub client: &'a Client,
    pub progress: OnProgress<'a>,
}

/// A product to be read: which, and when it was updated by the list.
pub(super) struct Due {
    pub id: ProductId,
    pub listed: Option<Stamp>,
    pub tries: Tries,
}

/// What a list says of a product.
fn listed(product: &ProductSummary) -> (ProductId, Option<Stamp>) {
    (
        product.product_id,
        Stamp::read(product.updated_at.as_deref()),
    )
}

/// When the newest update was made, by a page of the newest. A product that says that it will be updated hides none that is
/// updated before.
fn newest(page: &Page, client: &Client) -> Option<Stamp> {
    let newest = page.data.first().and_then(|p| listed(&p.value).1)?;
    Some(newest.min(Stamp::now(client)))
}

impl Catalogue {
    /// Reads what was updated since the last time. How many products had to be read; each of them is offered to `kept`.
    pub(super) fn refresh(&mut self, reach: Reach<'_>, kept: &mut dyn Keep) -> Result<u64> {
        let (complete, watermark) = self.rows.watermark()?;
        (reach.progress)(Progress::begun(Phase::LookingForUpdates));
        let newest_first = ListQuery::default();
        if !complete {
            let first = reach.client.list(&newest_first, 1, 1)?;
            return self.list_whole(reach, newest(&first, reach.client), kept);
        }
        let first = reach.client.list(&newest_first, 1, MAX_LIMIT)?;
        let newest = newest(&first, reach.client);
        // One of a time to come says nothing about what was updated since.
        let watermark = watermark.filter(|watermark| *watermark <= Stamp::now(reach.client));
        let total = first.pagination.total;
        let due = match watermark {
            Some(watermark) => self.due(reach.client, first, watermark.earlier(SLACK))?,
            None if total == 0 => Some(Vec::new()),
            None => None,
        };
        let Some(mut due) = due else {
            return self.list_whole(reach, newest, kept);
        };
        if watermark.is_some() {
            self.add_unread(&mut due)?;
        }
        let (read, below) = self.read_again(reach, due, kept)?;
        self.rows
            .set_watermark(watermark, below.or(newest).or(watermark), false)?;
        if self.rows.count()? != total {
            return Ok(read + self.list_whole(reach, newest, kept)?);
        }
        Ok(read)
    }

    /// What was updated since `watermark`, from the first page of the newest on; `None` where these pages can't tell.
    fn due(&self, client: &Client, first: Page, watermark: Stamp) -> Result<Option<Vec<Due>>> {
        let mut due: Vec<Due> = Vec::new();
        let mut seen = HashSet::new();
        let total = first.pagination.total;
        let pages = total.div_ceil(first.pagination.limit.max(1));
        let mut page = first;
        let mut number = 1;
        loop {
            let mut last = None;
            for product in &page.data {
                let (id, stamp) = listed(&product.value);
                // Without times, or out of order, an older page proves nothing.
                let Some(stamp) = stamp.filter(|stamp| last.is_none_or(|last| *stamp <= last))
                else {
                    return Ok(None);
                };
                last = Some(stamp);
                if stamp < watermark {
                    return Ok(Some(due));
                }
                let before = self.rows.stamp(id)?;
                let due_again = before != Some(Some(stamp)) && !self.unreadable.has(id);
                if due_again && seen.insert(id) {
                    due.push(Due {
                        id,
                        listed: Some(stamp),
                        tries: Tries::Many,
                    });
                }
            }
            // A product that is deleted meanwhile draws another one up and past the pages.
            if page.pagination.total < total || number >= MOST_PAGES.min(pages) {
                return Ok((number >= pages && page.pagination.total >= total).then_some(due));
            }
            number += 1;
            page = client.list(&ListQuery::default(), number, MAX_LIMIT)?;
        }
    }

    /// Lists the whole store, forgets what is gone and reads what is not known as it is listed. `newest` is when the
    /// newest update was made before that began: later ones may be missed by it.
    pub(super) fn list_whole(
        &mut self,
        reach: Reach<'_>,
        newest: Option<Stamp>,
        kept: &mut dyn Keep,
    ) -> Result<u64> {
        let (_, watermark) = self.rows.watermark()?;
        // Before the list, so that nothing is forgotten that was made and kept while it was read.
        let known = self.rows.products()?;
        let mut there = vec![false; known.len()];
        let mut due = Vec::new();
        let (rows, unreadable) = (&self.rows, &self.unreadable);
        let nameless = paging::all_products(
            reach.client,
            &ListQuery::default(),
            LIST_WORKERS,
            reach.progress,
            |product| {
                let (id, listed) = listed(&product.value);
                if let Ok(place) = known.binary_search(&id) {
                    there[place] = true;
                }
                let before = rows.stamp(id)?;
                if (listed.is_none() || before != Some(listed)) && !unreadable.has(id) {
                    due.push(Due {
                        id,
                        listed,
                        tries: Tries::Many,
                    });
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        self.unreadable.only_nameless(nameless);
        let gone: Vec<ProductId> = known
            .into_iter()
            .zip(there)
            .filter_map(|(id, there)| (!there).then_some(id))
            .collect();
        self.gone(&gone, kept)?;
        let (read, below) = self.read_again(reach, due, kept)?;
        self.rows.set_watermark(watermark, below.or(newest), true)?;
        Ok(read)
    }

    /// Adds the products that could not be read so far.
    fn add_unread(&self, due: &mut Vec<Due>) -> Result<()> {
        for id in self.rows.unread(MOST_UNREAD)? {
            if !self.unreadable.has(id) && due.iter().all(|due| due.id != id) {
                due.push(Due {
                    id,
                    listed: None,
                    tries: Tries::Once,
                });
            }
        }
        Ok(())
    }

    /// Reads these products and keeps them: how many could be read. `Some` where a product was read as it had been before
    /// the update that the list tells of, by a server that lags behind: updates are known up to there alone.
    fn read_again(
        &mut self,
        reach: Reach<'_>,
        due: Vec<Due>,
        kept: &mut dyn Keep,
    ) -> Result<(u64, Option<Stamp>)> {
        let all = due.len() as u64;
        let mut below: Option<Stamp> = None;
        let unread = self.read_each(
            reach,
            due.into_iter(),
            READ_WORKERS,
            kept,
            |due, product, kept| {
                let read = Stamp::read(product.value.updated_at.as_deref());
                // Some servers keep whole seconds in one of the two.
                if let (Some(listed), Some(read)) = (due.listed, read)
                    && read < listed.earlier(1)
                {
                    below = Some(below.map_or(listed, |below| below.min(listed)));
                }
                kept.offer(product)
            },
        )?;
        Ok((all - unread, below))
    }

    /// Reads products side by side into the catalogue, portion by portion; `each` puts them into `kept`. How many could not be
    /// read.
    pub(super) fn read_each(
        &mut self,
        reach: Reach<'_>,
        mut due: impl ExactSizeIterator<Item = Due>,
        workers: usize,
        kept: &mut dyn Keep,
        mut each: impl FnMut(&Due, &Raw<Product>, &mut dyn Keep) -> Result<()>,
    ) -> Result<u64> {
        let all = due.len() as u64;
        let (mut done, mut unread) = (0, 0);
        loop {
            let portion: Vec<Due> = due.by_ref().take(PORTION).collect();
            if portion.is_empty() {
                return Ok(unread);
            }
            let of_all = |at: Progress| {
                (reach.progress)(Progress {
                    done: done + at.done,
                    total: Some(all),
                    ..at
                });
            };
            let reach = Reach {
                progress: &of_all,
                ..reach
            };
            unread += self.read_portion(reach, &portion, workers, kept, &mut each)?;
            done += portion.len() as u64;
        }
    }

    /// See [`Catalogue::read_each`].
    fn read_portion(
        &mut self,
        reach: Reach<'_>,
        due: &[Due],
        workers: usize,
        kept: &mut dyn Keep,
        each: &mut impl FnMut(&Due, &Raw<Product>, &mut dyn Keep) -> Result<()>,
    ) -> Result<u64> {
        // Before anything is asked: another process may keep a newer reading meanwhile.
        let before = due.iter().map(|due| Ok(self.rows.stamp(due.id)?.flatten()));
        let before: Vec<Option<Stamp>> = before.collect::<Result<_>>()?;
        let mut batch: Vec<Reading> = Vec::new();
        let mut begun = Instant::now();
        let mut unread = 0;
        let mut next = due.iter().zip(before);
        let ids = due.iter().map(|due| (due.id, due.tries));
        let read = Client::product_in;
        let (client, progress) = (reach.client, reach.progress);
        let unreadable = each_product(client, ids, workers, progress, read, |id, found| {
            // They come in the order of `due`.
            let Some((due, before)) = next.next() else {
                return Ok(());
            };
            let product = match found {
                Some(Some(product)) => product,
                Some(None) => return self.gone(&[id], kept),
                None => {
                    unread += 1;
                    self.rows.set_unread(id)?;
                    return kept.gone(id);
                }
            };
            each(due, &product, kept)?;
            if !self.rows.has(&product.value)? {
                let read = Stamp::read(product.value.updated_at.as_deref());
                let now = Stamp::now(client);
                batch.push(Reading {
                    read: read.filter(|read| !read.may_come_again(now)),
                    product: product.value,
                    before,
                });
            }
            if batch.len() >= BATCH || begun.elapsed() > BATCH_TIME {
                self.put(&mut batch)?;
                begun = Instant::now();
            }
            Ok(())
        })?;
        self.unreadable.extend(unreadable);
        self.put(&mut batch)?;
        Ok(unread)
    }

    fn put(&mut self, batch: &mut Vec<Reading>) -> Result<()> {
        if !batch.is_empty() {
            self.moves += u64::from(self.rows.put(batch)?);
            batch.clear();
        }
        Ok(())
    }

    fn gone(&mut self, ids: &[ProductId], kept: &mut dyn Keep) -> Result<()> {
        for id in ids {
            kept.gone(*id)?;
        }
        self.moves += u64::from(self.rows.remove(ids)?);
        Ok(())
    }
}

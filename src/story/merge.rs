//! Each movement once: our row, its event and the snapshot after it are one.

use super::gather::{Event, Ours, Reading};
use super::{Movement, Source};
use crate::change::outcome::Outcome;
use crate::memory::moved;
use crate::time::UtcTime;

/// How far the clocks of this machine and of the store may be apart, in milliseconds.
const SLACK: i64 = 10_000;

/// A movement, and from when to when it may have happened.
struct Placed {
    since: i64,
    until: i64,
    movement: Movement,
}

/// What is known of the level at some moment: nothing, or how many units, none where the variant is not there.
type Level = Option<Option<i64>>;

/// The movements, oldest first.
pub(super) fn merge(
    mut ours: Vec<Ours>,
    mut events: Vec<Event>,
    mut readings: Vec<Reading>,
) -> Vec<Movement> {
    ours.sort_by_key(|ours| (ours.settled, ours.sent));
    events.sort_by_key(|event| event.at);
    readings.sort_by_key(|reading| reading.to);
    let mut told: Vec<Option<Event>> = ours.iter().map(|_| None).collect();
    let mut others = Vec::new();
    for event in events {
        match ours_of(&event, &ours, &told) {
            Some(n) => told[n] = Some(event),
            None => others.push(event),
        }
    }
    let mut placed: Vec<Placed> = ours
        .into_iter()
        .zip(told)
        .map(|(ours, event)| of_ours(ours, event))
        .chain(others.into_iter().map(of_others))
        .collect();
    placed.sort_by_key(|placed| placed.movement.at);
    with_snapshots(placed, &readings)
}

/// The row of ours that an event is about and that has no event yet.
fn ours_of(event: &Event, ours: &[Ours], told: &[Option<Event>]) -> Option<usize> {
    let named = |ours: &Ours| match &event.tagged {
        Some((run, row)) => *run == ours.run && *row == ours.row,
        None => ours.event_id.as_ref() == Some(&event.id),
    };
    // Without a tag, one that says the same of the same moment.
    let alike = |ours: &Ours| {
        let same = |said: Option<i64>, known: Option<i64>| said.is_none() || said == known;
        event.tagged.is_none()
            && ours.outcome == Outcome::Applied
            && event.after.is_some()
            && event.after == ours.after
            && same(event.before, ours.before)
            && same(event.change, ours.change)
            && (ours.sent - SLACK..=ours.settled + SLACK).contains(&event.at)
    };
    let free = |n: &usize| told[*n].is_none();
    let mut places = (0..ours.len()).filter(free);
    places
        .clone()
        .find(|n| named(&ours[*n]))
        .or_else(|| places.find(|n| alike(&ours[*n])))
}

fn of_ours(ours: Ours, event: Option<Event>) -> Placed {
    let mut movement = Movement {
        at: UtcTime::from_millis(ours.settled),
        source: Source::Ours,
        run: Some(ours.run),
        event_id: ours.event_id,
        before: ours.before,
        after: ours.after,
        change: ours.change,
        reason: ours.reason,
        outcome: Some(ours.outcome),
    };
    let mut at = ours.settled;
    if let Some(event) = event {
        at = event.at;
        movement.at = UtcTime::from_millis(at);
        movement.event_id = Some(event.id);
        movement.outcome = Some(Outcome::Applied);
        movement.before = event.before.or(movement.before);
        movement.after = event.after.or(movement.after);
        movement.change = event.change.or(movement.change);
    }
    Placed {
        since: ours.sent.min(at),
        until: ours.settled.max(at),
        movement,
    }
}

fn of_others(event: Event) -> Placed {
    Placed {
        since: event.at - SLACK,
        until: event.at + SLACK,
        movement: Movement {
            at: UtcTime::from_millis(event.at),
            source: Source::Webhook,
            run: event.tagged.map(|(run, _)| run),
            event_id: Some(event.id),
            before: event.before,
            after: event.after,
            change: event.change,
            reason: event.reason,
            outcome: None,
        },
    }
}

/// Adds the snapshots that show another level than the movements lead to.
fn with_snapshots(placed: Vec<Placed>, readings: &[Reading]) -> Vec<Movement> {
    let mut story = Story::default();
    let mut placed = placed.into_iter().peekable();
    for reading in readings {
        while let Some(past) = placed.next_if(|next| next.until < reading.from) {
            story.take(past.movement);
        }
        // What happened meanwhile may have been read before or after.
        let mut meanwhile = Vec::new();
        let mut expected = vec![story.level];
        while let Some(next) = placed.next_if(|next| next.since <= reading.to) {
            expected
                .extend([next.movement.before, next.movement.after].map(|units| units.map(Some)));
            meanwhile.push(next);
        }
        let nothing_new = match reading.quantity {
            None => story.level.flatten().is_none(),
            quantity => expected.contains(&Some(quantity)) && !story.doubtful,
        };
        let (before, after): (Vec<_>, Vec<_>) = meanwhile
            .into_iter()
            .partition(|next| next.movement.at.as_millis() <= reading.to);
        before
            .into_iter()
            .for_each(|next| story.take(next.movement));
        if !nothing_new {
            story.read(reading);
        }
        after.into_iter().for_each(|next| story.take(next.movement));
    }
    placed.for_each(|next| story.take(next.movement));
    story.movements.sort_by_key(|movement| movement.at);
    story.movements
}

#[derive(Default)]
struct Story {
    movements: Vec<Movement>,
    level: Level,
    /// A row of ours is in doubt since the last snapshot.
    doubtful: bool,
}

impl Story {
    fn take(&mut self, movement: Movement) {
        let settled = matches!(movement.outcome, None | Some(Outcome::Applied));
        if let (Some(after), true) = (movement.after, settled) {
            self.level = Some(Some(after));
        }
        self.doubtful |= movement.outcome == Some(Outcome::Unknown);
        self.movements.push(movement);
    }

    fn read(&mut self, reading: &Reading) {
        let before = self.level.flatten();
        self.movements.push(Movement {
            at: UtcTime::from_millis(reading.to),
            source: Source::Snapshot,
            run: None,
            event_id: None,
            before,
            after: reading.quantity,
            change: moved(before, reading.quantity),
            reason: None,
            outcome: None,
        });
        self.level = Some(reading.quantity);
        self.doubtful = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(row: u32, sent: i64, before: i64, by: i64) -> Ours {
        Ours {
            run: "r-1".to_owned(),
            row,
            sent,
            settled: sent + 100,
            before: Some(before),
            after: Some(before + by),
            change: Some(by),
            reason: Some("Why".to_owned()),
            outcome: Outcome::Applied,
            event_id: None,
        }
    }

    fn event(id: &str, at: i64, before: i64, by: i64) -> Event {
        Event {
            at,
            id: id.to_owned(),
            before: Some(before),
            after: Some(before + by),
            change: Some(by),
            reason: None,
            tagged: None,
        }
    }

    fn reading(at: i64, quantity: Option<i64>) -> Reading {
        Reading {
            from: at - 50,
            to: at,
            quantity,
        }
    }

    /// Source, event, before and after of each.
    fn told(ours: Vec<Ours>, events: Vec<Event>, readings: Vec<Reading>) -> Vec<String> {
        let units = |units: Option<i64>| units.map_or("?".to_owned(), |units| units.to_string());
        merge(ours, events, readings)
            .into_iter()
            .map(|m| {
                let event = m.event_id.map_or(String::new(), |id| format!(" {id}"));
                let outcome = m.outcome.map_or("", Outcome::name);
                format!(
                    "{}{event} {}>{} {outcome}",
                    m.source.name(),
                    units(m.before),
                    units(m.after)
                )
                .trim_end()
                .to_owned()
            })
            .collect()
    }

    #[test]
    fn our_own_adjustment_its_event_and_the_next_snapshot_are_one() {
        let minute = 60_000;
        let tagged = Event {
            tagged: Some(("r-1".to_owned(), 1)),
            // However late its clock is.
            ..event("b", 9 * minute, 28, -8)
        };
        let story = told(
            vec![ours(0, 2 * minute, 25, 3), ours(1, 3 * minute, 28, -8)],
            vec![event("a", 2 * minute + 900, 25, 3), tagged],
            vec![reading(minute, Some(25)), reading(10 * minute, Some(20))],
        );
        assert_eq!(
            story,
            [
                "snapshot ?>25",
                "ours a 25>28 applied",
                "ours b 28>20 applied"
            ]
        );
    }

    #[test]
    fn a_snapshot_is_told_where_it_differs() {
        let minute = 60_000;
        let story = told(
            vec![ours(0, 2 * minute, 25, 3)],
            vec![event("sold", 4 * minute, 28, -1)],
            vec![
                reading(minute, Some(25)),
                reading(3 * minute, Some(28)),
                // Somebody took three more, of which no event tells.
                reading(5 * minute, Some(24)),
                reading(6 * minute, Some(24)),
                reading(7 * minute, None),
                reading(8 * minute, None),
                reading(9 * minute, Some(7)),
            ],
        );
        assert_eq!(
            story,
            [
                "snapshot ?>25",
                "ours 25>28 applied",
                "webhook sold 28>27",
                "snapshot 27>24",
                "snapshot 24>?",
                "snapshot ?>7",
            ]
        );
    }

    #[test]
    fn what_happens_while_a_snapshot_reads_is_not_told_twice() {
        for quantity in [25, 28] {
            let story = told(
                vec![ours(0, 60_000, 25, 3)],
                vec![],
                vec![reading(1000, Some(25)), reading(60_070, Some(quantity))],
            );
            assert_eq!(story, ["snapshot ?>25", "ours 25>28 applied"], "{quantity}");
        }
    }

    #[test]
    fn a_row_in_doubt_makes_the_next_snapshot_worth_telling_unless_its_event_came() {
        let mut doubtful = ours(0, 60_000, 25, 3);
        (doubtful.outcome, doubtful.after, doubtful.change) = (Outcome::Unknown, None, None);
        let readings = vec![reading(1000, Some(25)), reading(90_000, Some(25))];
        assert_eq!(
            told(vec![doubtful.clone()], vec![], readings.clone()),
            ["snapshot ?>25", "ours 25>? unknown", "snapshot 25>25"]
        );
        let proof = Event {
            tagged: Some(("r-1".to_owned(), 0)),
            ..event("a", 60_200, 24, 3)
        };
        // A second event is a second movement.
        let again = Event {
            id: "b".to_owned(),
            ..proof.clone()
        };
        assert_eq!(
            told(vec![doubtful], vec![proof, again], readings[..1].to_vec()),
            ["snapshot ?>25", "ours a 24>27 applied", "webhook b 24>27"]
        );
    }

    #[test]
    fn an_event_that_says_the_same_at_another_time_is_somebody_elses() {
        let story = told(
            vec![ours(0, 60_000, 25, 3)],
            vec![event("a", 120_000, 25, 3), event("b", 61_000, 25, 4)],
            vec![],
        );
        assert_eq!(
            story,
            ["ours 25>28 applied", "webhook b 25>29", "webhook a 25>28"]
        );
    }
}

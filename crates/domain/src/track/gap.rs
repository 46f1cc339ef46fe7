use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use crate::Coordinates;

/// Phones send every 5 minutes; after three times that something is missing.
const SILENCE: TimeDelta = TimeDelta::minutes(15);
/// Phones that stand send less often.
const STANDING: TimeDelta = TimeDelta::minutes(45);
/// Who is within this of where they were may have stood.
const STOOD_METRES: f64 = 150.0;
/// A phone with so little battery left goes off.
const EMPTY_PERCENT: i16 = 10;
/// What happened shortly before a silence caused it, and what the phone tells shortly after it explains it.
const NEAR: TimeDelta = TimeDelta::minutes(10);
/// Later than this isn't live.
const LATE: TimeDelta = TimeDelta::minutes(30);

text_enum! {
    /// Why nothing was heard of a phone.
    pub enum GapCause as "gap cause" {
        /// Its owner hadn't clocked in yet.
        NotClockedIn = "notClockedIn",
        /// Its owner had clocked out.
        ClockedOut = "clockedOut",
        /// It was switched off.
        PhoneOff = "phoneOff",
        /// It had hardly any battery left.
        BatteryEmpty = "batteryEmpty",
        /// The app was not allowed to know the position.
        NotAllowed = "notAllowed",
        /// Positioning was switched off.
        GpsOff = "gpsOff",
        /// The app was closed.
        AppClosed = "appClosed",
        /// The phone was saving battery.
        BatterySaver = "batterySaver",
        /// It hasn't been heard of since: it may be without network and send later.
        NotHeardYet = "notHeardYet",
        /// It was without network and sent its positions later: the track is whole.
        SentLater = "sentLater",
        /// Nothing explains it.
        Unknown = "unknown",
    }
}

text_enum! {
    /// What a phone tells beside positions.
    pub enum PhoneEvent as "phone event" {
        /// Positioning was switched off.
        GpsOff = "gps_off",
        /// Positioning was switched on.
        GpsOn = "gps_on",
        /// The app may no longer know the position.
        PermissionRevoked = "permission_revoked",
        /// The app may know the position again.
        PermissionGranted = "permission_granted",
        /// The phone saves battery.
        BatterySaverOn = "battery_saver_on",
        /// The phone saves battery no longer.
        BatterySaverOff = "battery_saver_off",
        /// The app was closed, by its owner or the system.
        AppKilled = "app_killed",
        /// The app runs again.
        AppStarted = "app_started",
        /// The phone is being switched off.
        PhoneOff = "phone_off",
        /// The phone was switched on.
        PhoneOn = "phone_on",
    }
}

impl PhoneEvent {
    /// What it is a cause of, or the end of the cause.
    fn cause(self) -> (GapCause, bool) {
        match self {
            PhoneEvent::GpsOff => (GapCause::GpsOff, true),
            PhoneEvent::GpsOn => (GapCause::GpsOff, false),
            PhoneEvent::PermissionRevoked => (GapCause::NotAllowed, true),
            PhoneEvent::PermissionGranted => (GapCause::NotAllowed, false),
            PhoneEvent::BatterySaverOn => (GapCause::BatterySaver, true),
            PhoneEvent::BatterySaverOff => (GapCause::BatterySaver, false),
            PhoneEvent::AppKilled => (GapCause::AppClosed, true),
            PhoneEvent::AppStarted => (GapCause::AppClosed, false),
            PhoneEvent::PhoneOff => (GapCause::PhoneOff, true),
            PhoneEvent::PhoneOn => (GapCause::PhoneOff, false),
        }
    }
}

/// The strongest first: a phone that is off needs no other reason.
const CAUSES: [GapCause; 5] =
    [GapCause::PhoneOff, GapCause::NotAllowed, GapCause::GpsOff, GapCause::AppClosed, GapCause::BatterySaver];

/// A position that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// When it was taken, by the device.
    pub at: DateTime<Utc>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Where.
    pub place: Coordinates,
    /// Percent.
    pub battery: Option<i16>,
}

/// Clocking in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocked {
    /// When.
    pub at: DateTime<Utc>,
    /// In, or else out.
    pub into: bool,
}

/// What is known of a person's day; each list in order.
#[derive(Debug, Clone)]
pub struct Day<'a> {
    /// The time in which something should be heard.
    pub window: Range<DateTime<Utc>>,
    /// The instant now: later nothing can have been heard.
    pub now: DateTime<Utc>,
    /// The positions.
    pub heard: &'a [Heard],
    /// The clock events.
    pub clocked: &'a [Clocked],
    /// What the phone told.
    pub told: &'a [(DateTime<Utc>, PhoneEvent)],
}

/// A time in which nothing was heard, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The last that was heard before.
    pub from: DateTime<Utc>,
    /// The first that was heard after.
    pub to: DateTime<Utc>,
    /// Why.
    pub cause: GapCause,
    /// When that began, if the phone told; for positions sent later when they came.
    pub known_at: Option<DateTime<Utc>>,
}

/// The gaps of a day in order, each with a cause. A silence over a clock event is two gaps.
pub fn gaps(day: &Day<'_>) -> Vec<Gap> {
    let end = day.window.end.min(day.now);
    let mut found = Vec::new();
    let mut before: Option<&Heard> = None;
    for heard in day.heard {
        let from = before.map_or(day.window.start, |b| b.at);
        let stood = before.is_some_and(|b| b.place.distance_metres(heard.place) <= STOOD_METRES);
        silence(day, from..heard.at, before, stood, false, &mut found);
        before = Some(heard);
    }
    let from = before.map_or(day.window.start, |b| b.at);
    silence(day, from..end, before, false, end == day.now, &mut found);
    found.extend(sent_later(day.heard));
    found.sort_by_key(|gap| (gap.from, gap.to));
    found
}

fn silence(
    day: &Day<'_>,
    span: Range<DateTime<Utc>>,
    before: Option<&Heard>,
    stood: bool,
    open: bool,
    found: &mut Vec<Gap>,
) {
    if span.end - span.start <= SILENCE {
        return;
    }
    let mut from = span.start;
    let inside = day.clocked.iter().filter(|c| span.contains(&c.at)).map(|c| c.at);
    for to in inside.chain([span.end]) {
        let piece = from..to;
        from = to;
        let length = piece.end - piece.start;
        let last = day.clocked.iter().rev().find(|c| c.at <= piece.start);
        let (cause, known_at) = match last {
            _ if length <= SILENCE => continue,
            None => (GapCause::NotClockedIn, None),
            Some(Clocked { into: false, at }) => (GapCause::ClockedOut, Some(*at)),
            Some(_) if stood && length <= STANDING => continue,
            Some(_) => {
                let open = open && piece.end == span.end;
                why(day.told, &piece, before.filter(|b| b.at == piece.start), open)
            }
        };
        found.push(Gap { from: piece.start, to: piece.end, cause, known_at });
    }
}

fn why(
    told: &[(DateTime<Utc>, PhoneEvent)],
    span: &Range<DateTime<Utc>>,
    before: Option<&Heard>,
    open: bool,
) -> (GapCause, Option<DateTime<Utc>>) {
    for cause in CAUSES {
        let of_it = || told.iter().map(|(at, event)| (*at, event.cause())).filter(move |(_, c)| c.0 == cause);
        // It had begun before the silence and lasted, or began in it. A position heard since says that it was over.
        let began = of_it()
            .rfind(|(at, _)| *at <= span.start)
            .filter(|(at, (_, on))| *on && (before.is_none() || span.start - *at <= NEAR));
        let began = began.or_else(|| of_it().find(|(at, (_, on))| *on && *at > span.start && *at < span.end));
        if let Some((at, _)) = began {
            return (cause, Some(at));
        }
        // A phone that died can't tell; that it is on again tells it.
        let ended = of_it().find(|(at, (_, on))| !*on && *at > span.start && *at <= span.end + NEAR);
        if let Some((at, _)) = ended {
            return (cause, Some(at));
        }
    }
    if before.is_some_and(|b| b.battery.is_some_and(|percent| percent <= EMPTY_PERCENT)) {
        return (GapCause::BatteryEmpty, None);
    }
    (if open { GapCause::NotHeardYet } else { GapCause::Unknown }, None)
}

/// The stretches that came long after they were.
fn sent_later(heard: &[Heard]) -> Vec<Gap> {
    heard
        .chunk_by(|a, b| is_late(a) == is_late(b) && b.at - a.at <= SILENCE)
        .filter_map(|run| match run {
            [first, .., last] if is_late(first) && last.at - first.at > SILENCE => Some(Gap {
                from: first.at,
                to: last.at,
                cause: GapCause::SentLater,
                known_at: run.iter().map(|h| h.received_at).max(),
            }),
            _ => None,
        })
        .collect()
}

fn is_late(heard: &Heard) -> bool {
    heard.received_at - heard.at > LATE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{eight, fix};
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        eight() + TimeDelta::minutes(n)
    }

    /// On the way: 100 metres a minute.
    fn heard(n: i64) -> Heard {
        Heard {
            at: minute(n),
            received_at: minute(n),
            place: fix(0, n as f64 * 100.0, 0.0).place,
            battery: Some(80),
        }
    }

    fn every_five(range: Range<i64>) -> impl Iterator<Item = Heard> {
        range.step_by(5).map(heard)
    }

    const IN: Clocked = Clocked { at: DateTime::UNIX_EPOCH, into: true };

    struct Case {
        heard: Vec<Heard>,
        clocked: Vec<Clocked>,
        told: Vec<(DateTime<Utc>, PhoneEvent)>,
        now: i64,
    }

    impl Case {
        /// Clocked in at eight; nothing heard from minute 60 to 120.
        fn silent_hour() -> Case {
            Case {
                heard: every_five(0..61).chain(every_five(120..541)).collect(),
                clocked: vec![Clocked { at: minute(0), ..IN }],
                told: vec![],
                now: 600,
            }
        }

        fn gaps(&self) -> Vec<(i64, i64, GapCause)> {
            let day = Day {
                window: minute(0)..minute(540),
                now: minute(self.now),
                heard: &self.heard,
                clocked: &self.clocked,
                told: &self.told,
            };
            gaps(&day)
                .into_iter()
                .map(|g| ((g.from - eight()).num_minutes(), (g.to - eight()).num_minutes(), g.cause))
                .collect()
        }

        fn cause(&self) -> GapCause {
            let gaps = self.gaps();
            assert_eq!(gaps.len(), 1, "{gaps:?}");
            assert_eq!((gaps[0].0, gaps[0].1), (60, 120));
            gaps[0].2
        }
    }

    #[test]
    fn a_silence_without_reason_is_one_without_reason() {
        assert_eq!(Case::silent_hour().cause(), GapCause::Unknown);
    }

    #[test]
    fn what_the_phone_told_is_the_reason() {
        for (event, cause) in [
            (PhoneEvent::GpsOff, GapCause::GpsOff),
            (PhoneEvent::PermissionRevoked, GapCause::NotAllowed),
            (PhoneEvent::BatterySaverOn, GapCause::BatterySaver),
            (PhoneEvent::AppKilled, GapCause::AppClosed),
            (PhoneEvent::PhoneOff, GapCause::PhoneOff),
        ] {
            for at in [58, 61, 100] {
                assert_eq!(Case { told: vec![(minute(at), event)], ..Case::silent_hour() }.cause(), cause);
            }
        }
        // What was over before is none, whether the phone told or was heard again.
        let heard_since = vec![(minute(30), PhoneEvent::GpsOff)];
        assert_eq!(Case { told: heard_since, ..Case::silent_hour() }.cause(), GapCause::Unknown);
        let over = vec![(minute(30), PhoneEvent::GpsOff), (minute(31), PhoneEvent::GpsOn)];
        assert_eq!(Case { told: over, ..Case::silent_hour() }.cause(), GapCause::Unknown);
    }

    #[test]
    fn a_phone_that_died_tells_when_it_is_on_again() {
        let on = vec![(minute(119), PhoneEvent::PhoneOn), (minute(121), PhoneEvent::AppStarted)];
        assert_eq!(Case { told: on, ..Case::silent_hour() }.cause(), GapCause::PhoneOff);
        let mut empty = Case::silent_hour();
        empty.heard[12].battery = Some(4);
        assert_eq!(empty.cause(), GapCause::BatteryEmpty);
    }

    #[test]
    fn nobody_is_followed_who_is_not_at_work() {
        let clocked = vec![
            Clocked { at: minute(30), into: true },
            Clocked { at: minute(240), into: false },
            Clocked { at: minute(300), into: true },
            Clocked { at: minute(480), into: false },
        ];
        let heard = every_five(30..241).chain(every_five(300..481)).collect();
        assert_eq!(
            Case { heard, clocked, told: vec![], now: 600 }.gaps(),
            [
                (0, 30, GapCause::NotClockedIn),
                (240, 300, GapCause::ClockedOut),
                (480, 540, GapCause::ClockedOut)
            ]
        );
        let nothing = Case { heard: vec![], clocked: vec![], told: vec![], now: 600 };
        assert_eq!(nothing.gaps(), [(0, 540, GapCause::NotClockedIn)]);
    }

    #[test]
    fn a_phone_not_heard_of_since_may_send_later() {
        let mut case = Case::silent_hour();
        case.heard = every_five(0..61).collect();
        case.now = 130;
        assert_eq!(case.gaps(), [(60, 130, GapCause::NotHeardYet)]);
        // Only now; of a day that is over it isn't expected any more.
        case.now = 1_000;
        assert_eq!(case.gaps(), [(60, 540, GapCause::Unknown)]);
    }

    #[test]
    fn positions_sent_later_fill_their_gap() {
        let mut case = Case::silent_hour();
        case.heard = every_five(0..541).collect();
        for heard in &mut case.heard[20..=40] {
            heard.received_at = minute(300);
        }
        assert_eq!(case.gaps(), [(100, 200, GapCause::SentLater)]);
    }

    #[test]
    fn phones_that_stand_send_less() {
        let mut case = Case::silent_hour();
        case.heard = every_five(0..61).chain(every_five(100..541)).collect();
        assert_eq!(case.gaps(), [(60, 100, GapCause::Unknown)]);
        case.heard[13].place = case.heard[12].place;
        assert_eq!(case.gaps(), []);
    }

    proptest! {
        #[test]
        fn gaps_lie_in_the_window_and_do_not_overlap(
            minutes in proptest::collection::btree_map(0_i64..540, any::<bool>(), 0..80),
            clocked in proptest::collection::btree_map(0_i64..540, any::<bool>(), 0..6),
            told in proptest::collection::btree_map(0_i64..540, 0..PhoneEvent::ALL.len(), 0..6),
            now in 0_i64..700,
        ) {
            let case = Case {
                heard: minutes.into_iter().filter(|(m, _)| *m <= now).map(|(m, late)| Heard {
                    received_at: minute(m + if late { 60 } else { 0 }),
                    ..heard(m)
                }).collect(),
                clocked: clocked.into_iter().map(|(m, into)| Clocked { at: minute(m), into }).collect(),
                told: told.into_iter().map(|(m, e)| (minute(m), PhoneEvent::ALL[e])).collect(),
                now,
            };
            let found = case.gaps();
            for (from, to, _) in &found {
                prop_assert!(*from >= 0 && *to <= 540 && to - from > 15);
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        }
    }
}

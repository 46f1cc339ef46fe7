//! Which promotion of each exclusive group takes effect: the choice that gives the customer most in all.
//!
//! Groups influence each other, because a discount leaves less for the next one and may take an order below a tier.
//! So all choices of one promotion of each group are tried, as long as they are few; of equals the first wins, where
//! promotions are ordered as they are reckoned. If they are many, each group starts with what gives most by itself,
//! and then one group after the other takes what gives most with the choices of the others.

use super::engine::PricingError;
use super::prepare::Effect;
use super::priced::WhyNot;
use super::run::{Mark, Run};
use crate::{Money, PromotionId};
use std::collections::BTreeMap;

/// More combinations than this are not all tried.
const FEW: usize = 256;

/// Why a promotion must stay out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excluded {
    pub reason: WhyNot,
    /// The one of its group that takes effect.
    pub better: PromotionId,
}

/// The rules of the run that stay out, by rule. A group of which none gives anything stays whole, so that its near
/// misses are told.
pub(super) fn excluded(run: &mut Run<'_, '_>) -> Result<Vec<Option<Excluded>>, PricingError> {
    let rules = run.rules;
    let mut excluded = vec![None; rules.len()];
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (rule, prepared) in rules.iter().enumerate() {
        if let Some(group) = prepared.promotion.exclusive_group.as_deref() {
            members.entry(group).or_default().push(rule);
        }
    }
    members.retain(|_, members| members.len() > 1);
    if members.is_empty() {
        return Ok(excluded);
    }
    let mut groups = Vec::new();
    for members in members.into_values() {
        let mut group = Group { members: Vec::with_capacity(members.len()), useful: Vec::new() };
        for rule in members {
            run.reset(false);
            run.apply(rule)?;
            if run.used[rule].is_nothing() {
                group.members.push((rule, run.short[rule].unwrap_or(WhyNot::NotReached)));
            } else {
                group.members.push((rule, WhyNot::Excluded));
                group.useful.push((rule, run.worth()));
            }
        }
        if !group.useful.is_empty() {
            groups.push(group);
        }
    }
    groups.sort_by_key(|group| group.useful[0].0);
    for (group, winner) in groups.iter().zip(best(run, &groups)?) {
        for (rule, reason) in &group.members {
            if *rule != winner {
                let (reason, better) = (*reason, rules[winner].promotion.id);
                excluded[*rule] = Some(Excluded { reason, better });
            }
        }
    }
    Ok(excluded)
}

/// Keeps the rest of its group out once a rule of a whole group has given something after all: when others have taken
/// something off, an order may be down at a tier that there is enough left of.
pub(super) fn exclude_rest(run: &Run<'_, '_>, winner: usize, excluded: &mut [Option<Excluded>]) {
    let Some(group) = run.rules[winner].promotion.exclusive_group.as_deref() else { return };
    let better = run.rules[winner].promotion.id;
    for (other, excluded) in run.rules.iter().zip(excluded).skip(winner + 1) {
        if other.promotion.exclusive_group.as_deref() == Some(group) {
            excluded.get_or_insert(Excluded { reason: WhyNot::Excluded, better });
        }
    }
}

#[derive(Debug)]
struct Group {
    /// All, and why each would stay out if it did.
    members: Vec<(usize, WhyNot)>,
    /// Those that give something by themselves, and what it is worth.
    useful: Vec<(usize, Money)>,
}

/// The best rule of each group.
fn best(run: &mut Run<'_, '_>, groups: &[Group]) -> Result<Vec<usize>, PricingError> {
    let useful = |group: &Group, index: usize| group.useful[index].0;
    if groups.iter().all(|group| group.useful.len() == 1) {
        return Ok(groups.iter().map(|group| useful(group, 0)).collect());
    }
    let mut trial = Trial::new(run, groups)?;
    let combinations = groups
        .iter()
        .try_fold(1_usize, |all, group| all.checked_mul(group.useful.len()).filter(|n| *n <= FEW));
    let Some(combinations) = combinations else { return greedy(&mut trial, groups) };
    // The first combination is the first rule of each group; the last group changes fastest.
    let mut indexes = vec![0; groups.len()];
    let mut choice: Vec<usize> = groups.iter().map(|group| useful(group, 0)).collect();
    let (mut most, mut winner) = (trial.worth(&choice, 0)?, choice.clone());
    for _ in 1..combinations {
        let mut changed = groups.len();
        while changed > 0 {
            changed -= 1;
            indexes[changed] = (indexes[changed] + 1) % groups[changed].useful.len();
            choice[changed] = useful(&groups[changed], indexes[changed]);
            if indexes[changed] > 0 {
                break;
            }
        }
        let gives = trial.worth(&choice, changed)?;
        if gives > most {
            most = gives;
            winner.copy_from_slice(&choice);
        }
    }
    Ok(winner)
}

fn greedy(trial: &mut Trial<'_, '_, '_>, groups: &[Group]) -> Result<Vec<usize>, PricingError> {
    let alone = |group: &Group| {
        let most = group.useful.iter().rev().max_by_key(|(_, alone)| *alone);
        most.map_or(group.useful[0].0, |(rule, _)| *rule)
    };
    let mut choice: Vec<usize> = groups.iter().map(alone).collect();
    let mut most = trial.worth(&choice, 0)?;
    for (place, group) in groups.iter().enumerate() {
        let mut winner = choice[place];
        // The group before has taken its winner.
        let mut changed = place.saturating_sub(1);
        for (rule, _) in &group.useful {
            choice[place] = *rule;
            let gives = trial.worth(&choice, changed)?;
            changed = place;
            if gives > most {
                (most, winner) = (gives, *rule);
            }
        }
        choice[place] = winner;
    }
    Ok(choice)
}

/// Tries choices out. What no choice influences is reckoned once: rules on products that share no goods, not even by
/// way of others, with a rule that may be chosen.
struct Trial<'r, 'a, 'p> {
    run: &'r mut Run<'a, 'p>,
    /// The rules that each trial reckons, in order, with the group of those that may be chosen.
    rules: Vec<(usize, Option<usize>)>,
    /// By group, a place in `rules` before which nothing hangs on the choice of this group and of those after it, and where
    /// the run stood there in the last trial.
    marks: Vec<(usize, Mark)>,
}

impl<'r, 'a, 'p> Trial<'r, 'a, 'p> {
    fn new(run: &'r mut Run<'a, 'p>, groups: &[Group]) -> Result<Self, PricingError> {
        let rules = run.rules;
        let (mut stays, mut open) = (vec![true; rules.len()], vec![None; rules.len()]);
        for (index, group) in groups.iter().enumerate() {
            group.members.iter().for_each(|(rule, _)| stays[*rule] = false);
            group.useful.iter().for_each(|(rule, _)| open[*rule] = Some(index));
        }
        let mut goods = vec![false; run.cart.groups.len()];
        let touches = |rule: usize| rules[rule].effects.iter().flat_map(Effect::takes_off);
        for rule in (0..rules.len()).filter(|rule| open[*rule].is_some()) {
            touches(rule).for_each(|group| goods[group] = true);
        }
        let mut influenced: Vec<bool> = open.iter().map(Option::is_some).collect();
        loop {
            let more = (0..rules.len())
                .find(|rule| stays[*rule] && !influenced[*rule] && touches(*rule).any(|group| goods[group]));
            let Some(rule) = more else { break };
            influenced[rule] = true;
            touches(rule).for_each(|group| goods[group] = true);
        }
        run.reset(false);
        let mut tried = Vec::new();
        for (rule, prepared) in rules.iter().enumerate() {
            if influenced[rule] || (stays[rule] && prepared.is_on_order()) {
                tried.push((rule, open[rule]));
            } else if stays[rule] {
                run.apply(rule)?;
            }
        }
        // What comes before the first that may be chosen is the same in all trials.
        let before = tried.iter().take_while(|(_, group)| group.is_none()).count();
        for (rule, _) in tried.drain(..before) {
            run.apply(rule)?;
        }
        let mut marks: Vec<(usize, Mark)> = (0..groups.len()).map(|_| (tried.len(), run.mark())).collect();
        for (place, (_, group)) in tried.iter().enumerate().rev() {
            if let Some(group) = *group {
                marks[..=group].iter_mut().for_each(|(from, _)| *from = place);
            }
        }
        Ok(Self { run, rules: tried, marks })
    }

    /// What this choice, one rule of each group, gives in all. It must be the last one up to the group `changed`; what
    /// hangs on that part only is not reckoned again.
    fn worth(&mut self, choice: &[usize], changed: usize) -> Result<Money, PricingError> {
        let (from, mark) = &self.marks[changed];
        self.run.back_to(mark);
        let mut later = changed + 1;
        for (place, (rule, group)) in self.rules.iter().enumerate().skip(*from) {
            while self.marks.get(later).is_some_and(|(from, _)| *from == place) {
                self.run.mark_again(&mut self.marks[later].1);
                later += 1;
            }
            if group.is_none_or(|group| choice[group] == *rule) {
                self.run.apply(*rule)?;
            }
        }
        Ok(self.run.worth())
    }
}

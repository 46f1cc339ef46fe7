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
        let mut useful = Vec::new();
        for rule in &members {
            run.reset(false);
            run.apply(*rule)?;
            let alone = run.worth();
            if alone.is_positive() {
                useful.push((*rule, alone));
            }
        }
        if !useful.is_empty() {
            groups.push(Group { members, useful });
        }
    }
    groups.sort_by_key(|group| group.useful[0].0);
    for (group, winner) in groups.iter().zip(best(run, &groups)?) {
        for rule in &group.members {
            if *rule != winner {
                let useful = group.useful.iter().any(|(useful, _)| useful == rule);
                let reason = if useful { WhyNot::Excluded } else { WhyNot::NotReached };
                excluded[*rule] = Some(Excluded { reason, better: rules[winner].promotion.id });
            }
        }
    }
    Ok(excluded)
}

#[derive(Debug)]
struct Group {
    members: Vec<usize>,
    /// Those that give something by themselves, and what. One that gives nothing on the bare order gives nothing when
    /// others have taken something off before it.
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
    let mut best: Option<(Money, Vec<usize>)> = None;
    for combination in 0..combinations {
        // The last group changes fastest: the first combination is the first rule of each.
        let mut rest = combination;
        let mut choice: Vec<usize> = groups
            .iter()
            .rev()
            .map(|group| {
                let index = rest % group.useful.len();
                rest /= group.useful.len();
                useful(group, index)
            })
            .collect();
        choice.reverse();
        let gives = trial.worth(&choice)?;
        if best.as_ref().is_none_or(|(most, _)| gives > *most) {
            best = Some((gives, choice));
        }
    }
    Ok(best.map(|(_, choice)| choice).unwrap_or_default())
}

fn greedy(trial: &mut Trial<'_, '_, '_>, groups: &[Group]) -> Result<Vec<usize>, PricingError> {
    let alone = |group: &Group| {
        let most = group.useful.iter().rev().max_by_key(|(_, alone)| *alone);
        most.map_or(group.useful[0].0, |(rule, _)| *rule)
    };
    let mut choice: Vec<usize> = groups.iter().map(alone).collect();
    let mut most = trial.worth(&choice)?;
    for (place, group) in groups.iter().enumerate() {
        let mut winner = choice[place];
        for (rule, _) in &group.useful {
            choice[place] = *rule;
            let gives = trial.worth(&choice)?;
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
    mark: Mark,
    /// The rules that each trial reckons, in order; those that may be chosen are marked.
    rules: Vec<(usize, bool)>,
}

impl<'r, 'a, 'p> Trial<'r, 'a, 'p> {
    fn new(run: &'r mut Run<'a, 'p>, groups: &[Group]) -> Result<Self, PricingError> {
        let rules = run.rules;
        let (mut stays, mut open) = (vec![true; rules.len()], vec![false; rules.len()]);
        for group in groups {
            group.members.iter().for_each(|rule| stays[*rule] = false);
            group.useful.iter().for_each(|(rule, _)| open[*rule] = true);
        }
        let mut goods = vec![false; run.cart.groups.len()];
        let touches = |rule: usize| rules[rule].effects.iter().flat_map(Effect::takes_off);
        for rule in (0..rules.len()).filter(|rule| open[*rule]) {
            touches(rule).for_each(|group| goods[group] = true);
        }
        let mut influenced = open.clone();
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
        let mark = run.mark();
        Ok(Self { run, mark, rules: tried })
    }

    /// What this choice gives in all.
    fn worth(&mut self, choice: &[usize]) -> Result<Money, PricingError> {
        self.run.back_to(&self.mark);
        for (rule, open) in &self.rules {
            if !open || choice.contains(rule) {
                self.run.apply(*rule)?;
            }
        }
        Ok(self.run.worth())
    }
}

//! The promotions that are switched on, sorted for the engine and kept in memory between orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{Db, PgConnection};
use domain::pricing::{Promotion, PromotionKind, RuleBook};
use domain::{ProductId, PromotionId};
use platform::Kept;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{Definition, KeptPromotion, PromotionData, PromotionStatus};

/// The promotions that were switched on at one moment, of all days.
#[derive(Debug)]
pub struct Rules {
    /// What `master_versions` said then.
    pub version: Uuid,
    /// As the engine reads them.
    pub book: RuleBook<'static>,
    /// Those of them that orders may use up: with a budget, or a limit per customer.
    pub limited: Vec<Promotion>,
    /// Those that look at what a customer bought over a period.
    pub accumulations: Vec<Promotion>,
    pinned: BTreeMap<PromotionId, Pin>,
    gifts: BTreeMap<ProductId, Vec<ProductId>>,
    gifts_for_all: Vec<ProductId>,
}

/// What an order keeps of a promotion that took effect.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i64,
}

impl Rules {
    fn new(version: Uuid, kept: Vec<KeptPromotion>) -> Self {
        let pinned = kept
            .iter()
            .map(|p| (p.id, Pin { code: p.data.code.clone(), name: p.data.name.clone(), version: p.version }))
            .collect();
        let promotions: Vec<Promotion> = kept.into_iter().map(KeptPromotion::into_rule).collect();
        let mut gifts: BTreeMap<ProductId, Vec<ProductId>> = BTreeMap::new();
        let mut gifts_for_all = Vec::new();
        for promotion in promotions.iter().filter(|p| p.kind.is_priced()) {
            let (looked_at, given) = (promotion.kind.looked_at(), promotion.gifts());
            if looked_at.is_empty() {
                gifts_for_all.extend(&given);
            }
            for product in looked_at {
                gifts.entry(product).or_default().extend(&given);
            }
        }
        let is_limited =
            |p: &&Promotion| p.kind.is_priced() && !(p.budget.is_none() && p.per_customer.is_none());
        let limited = promotions.iter().filter(is_limited).cloned().collect();
        let accumulates = |p: &&Promotion| matches!(p.kind, PromotionKind::Accumulation { .. });
        let accumulations = promotions.iter().filter(accumulates).cloned().collect();
        let book = RuleBook::new(promotions);
        Rules { version, book, limited, accumulations, pinned, gifts, gifts_for_all }
    }

    /// The products that may be given when these are bought, which need a price too; they may repeat.
    pub fn gifts<'a>(
        &'a self,
        bought: impl Iterator<Item = ProductId> + 'a,
    ) -> impl Iterator<Item = ProductId> + 'a {
        let own = bought.filter_map(|product| self.gifts.get(&product)).flatten();
        own.chain(&self.gifts_for_all).copied()
    }

    /// What to keep of a promotion.
    pub fn pin(&self, id: PromotionId) -> Option<&Pin> {
        self.pinned.get(&id)
    }
}

static KEPT: Kept<Rules> = Kept::nothing();

/// The rules, if this process has them in this version.
pub fn kept(version: Uuid) -> Option<Arc<Rules>> {
    KEPT.latest().filter(|rules| rules.version == version)
}

/// Reads the rules anew, for the orders to come.
pub fn refresh(db: &Db) {
    KEPT.refresh(db, "promotions", |c| Box::pin(read(c)));
}

/// The rules as the connection sees them now.
///
/// # Errors
/// When the database refuses.
pub async fn read(c: &mut PgConnection) -> Result<Rules, sqlx::Error> {
    // One statement, so that the version and the rows belong together.
    let rows = sqlx::query!(
        r#"select v.version as rules_version, p.id as "id?: PromotionId", p.code as "code?", p.name as "name?",
             p.valid_from as "valid_from?", p.valid_to as "valid_to?", p.status as "status?: PromotionStatus",
             p.ended_on, p.priority as "priority?", p.definition as "definition?: Json<Definition>", p.version as "version?",
             p.updated_at as "updated_at?"
           from master_versions v left join promotions p on p.status = 'active'
           where v.name = 'promotions' order by p.code"#
    )
    .fetch_all(c)
    .await?;
    let version = rows.first().map(|r| r.rules_version).ok_or(sqlx::Error::RowNotFound)?;
    let kept = rows.into_iter().filter_map(|r| {
        Some(KeptPromotion {
            id: r.id?,
            data: PromotionData {
                code: r.code?,
                name: r.name?,
                valid_from: r.valid_from?,
                valid_to: r.valid_to?,
                priority: r.priority?,
                definition: r.definition?.0,
            },
            status: r.status?,
            ended_on: r.ended_on,
            version: r.version?,
            updated_at: r.updated_at?,
        })
    });
    Ok(Rules::new(version, kept.collect()))
}

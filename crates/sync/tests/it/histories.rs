//! Histories made at random: transactions that overlap and commit out of order, days that pass, answers that are lost.

use chrono::TimeDelta;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use sqlx::postgres::PgConnection;
use test_kit::TestApp;

use crate::phone::{Phone, run};

/// Connections that have transactions open at the same time.
const WRITERS: usize = 4;
/// Outlets of each, so that none waits for another.
const OUTLETS: usize = 6;

async fn a_small_world(owner: &mut PgConnection) {
    run(
        owner,
        "insert into customers (distributor_id, id, code, name, search_key, status, created_at, updated_at)
         select #1001, lpad(to_hex(x'c000'::int + i), 32, '0')::uuid, 'C' || i, 'C' || i, '', 'active', now(), now() from generate_series(0, 23) i;
         insert into routes (distributor_id, id, code, name, unit_id, weekdays, start_date, created_at, updated_at)
         select #1001, lpad(to_hex(x'd000'::int + i), 32, '0')::uuid, 'D' || i, 'D' || i, #2012, '{1,2,3,4,5,6,7}', '2026-01-05', now(), now() from generate_series(0, 3) i;
         insert into route_assignments (distributor_id, id, route_id, user_id, valid_from) values
           (#1001, #8110, #d000, #3011, '2026-01-05'), (#1001, #8111, #d001, #3012, '2026-01-05')",
    )
    .await;
}

/// One change by one writer, of things that are only its own.
fn change(dice: &mut SmallRng, writer: usize, day: chrono::NaiveDate) -> String {
    let outlet = format!("#c0{:02x}", writer * OUTLETS + dice.random_range(0..OUTLETS));
    let route = format!("#d00{}", dice.random_range(0..4));
    match dice.random_range(0..10) {
        0..=2 => format!("update customers set name = 'N{}' where id = {outlet}", dice.random::<u32>()),
        3..=5 => format!("insert into route_customers (distributor_id, route_id, customer_id, sequence) values (#1001, {route}, {outlet}, 1) on conflict do nothing"),
        6..=7 => format!("delete from route_customers where customer_id = {outlet}"),
        8 => format!("update customers set status = case status when 'active' then 'inactive' else 'active' end where id = {outlet}"),
        // Each writer has a route of its own to hand out.
        _ if dice.random_ratio(1, 2) => format!(
            "update route_substitutions set cancelled_at = now(), cancelled_by = #3004 where route_id = #d00{writer} and cancelled_at is null"
        ),
        _ => format!(
            "insert into route_substitutions (distributor_id, id, route_id, user_id, first_day, last_day, created_by, created_at)
             select #1001, gen_random_uuid(), #d00{writer}, #{}, '{day}'::date + {}, '{day}'::date + {}, #3004, now()
             where not exists (select from route_substitutions where route_id = #d00{writer} and cancelled_at is null)",
            ["3011", "3012"][dice.random_range(0..2)],
            dice.random_range(0..2),
            dice.random_range(2..4),
        ),
    }
}

async fn history(seed: u64) {
    let t = TestApp::start(sync::router()).await;
    let mut dice = SmallRng::seed_from_u64(seed);
    let mut owner = t.database.owner().await;
    a_small_world(&mut owner).await;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push((t.database.owner().await, false));
    }
    let mut phones = [Phone::new("nvbh01"), Phone::new("nvbh02"), Phone::new("gsbh01"), Phone::new("npp01")];
    let (mut overtaken, mut compared) = (0, 0);
    for _ in 0..150 {
        let day = domain::business_day::business_date(platform::Clock::now(&*t.clock));
        match dice.random_range(0..20) {
            0..=8 => {
                let writer = dice.random_range(0..WRITERS);
                let sql = change(&mut dice, writer, day);
                let (c, open) = &mut writers[writer];
                if !*open {
                    run(c, "begin").await;
                    *open = true;
                }
                run(c, &sql).await;
            }
            9..=12 => {
                let writer = dice.random_range(0..WRITERS);
                let others = writers.iter().filter(|(_, open)| *open).count();
                let (c, open) = &mut writers[writer];
                if *open {
                    run(c, if dice.random_ratio(1, 5) { "rollback" } else { "commit" }).await;
                    *open = false;
                    overtaken += usize::from(others > 1);
                }
            }
            13 if dice.random_ratio(1, 2) => t.clock.advance(TimeDelta::days(1)),
            13 => {
                run(
                    &mut owner,
                    "update products set selling_price = selling_price + 1,
                       distributors = case when distributors is null then array[#1002] end where id = #4001",
                )
                .await
            }
            _ => {
                let phone = &mut phones[dice.random_range(0..4)];
                let before = phone.clone();
                let pages = dice.random_range(1..4);
                let limit = dice.random_range(1..8);
                for _ in 0..pages {
                    if !phone.page(&t, limit).await {
                        break;
                    }
                }
                // The app was killed before it had stored anything of it.
                if dice.random_ratio(1, 4) {
                    *phone = before;
                }
            }
        }
        if dice.random_ratio(1, 10) {
            // In the middle of everything: what is committed by now is on the phone.
            let which = dice.random_range(0..4);
            phones[which].sync(&t).await;
            phones[which].sync(&t).await;
            let fresh = phones[which].fresh(&t).await;
            phones[which].assert_holds(&fresh);
            compared += 1;
        }
    }
    for (c, open) in &mut writers {
        if *open {
            run(c, "commit").await;
        }
    }
    for phone in &mut phones {
        // To the end of the pass it was in, and what came meanwhile.
        phone.sync(&t).await;
        phone.sync(&t).await;
        phone.assert_holds(&phone.fresh(&t).await);
    }
    assert!(overtaken > 0 && compared > 0, "nothing was overtaken");
}

#[tokio::test]
async fn whatever_happens_phones_end_with_what_is_there() {
    let first: u64 = std::env::var("DMS_SYNC_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    for seed in first..first + 4 {
        println!("seed {seed}");
        history(seed).await;
    }
}

use serde_json::json;
use test_kit::world;

use crate::{prepare, start};

const PATH: &str = "/api/v1/reports/dashboard";

const DAY: &str = "
  create function pg_temp.v(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;
  insert into visits (distributor_id, id, customer_id, user_id, unit_id, visit_type, business_date, check_in_at, latitude,
    longitude, check_out_at, result, received_at)
  select pg_temp.v(x'1001'::int), pg_temp.v(n), pg_temp.v(x'7001'::int), pg_temp.v(x'3011'::int), pg_temp.v(x'2012'::int),
    'InRoute', day::date, now(), 10, 106, case when result is not null then now() end, result, now()
  from (values (1, '2026-08-06', 'HasOrder'), (2, '2026-08-06', 'Closed'), (3, '2026-08-06', null),
               (4, '2026-08-05', 'HasOrder')) v (n, day, result);
  insert into clock_events (distributor_id, id, user_id, unit_id, kind, at, business_date, received_at)
  select pg_temp.v(x'1001'::int), pg_temp.v(n), pg_temp.v(person), pg_temp.v(x'2012'::int), kind, at::timestamptz, '2026-08-06', now()
  from (values (1, x'3011'::int, 'in', '2026-08-06 01:00Z'), (2, x'3012'::int, 'in', '2026-08-06 01:00Z'),
               (3, x'3012'::int, 'out', '2026-08-06 02:00Z')) c (n, person, kind, at);
";

#[tokio::test]
async fn today_is_told_in_figures() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    prepare(&t, DAY).await;
    let today = json!({
        "date": "2026-08-06", "visits": 3, "openVisits": 1, "visitsWithOrder": 1, "orders": 2, "sales": 270_000,
        "pendingOrders": 1, "pendingAmount": 10_800, "repsWorking": 1, "goodsIssues": 2,
    });
    assert_eq!(t.npp01().get(PATH).await.expect(200), today);
    assert_eq!(t.supervisor().get(PATH).await.expect(200), today);
    let other = t.npp02().get(PATH).await.expect(200);
    assert_eq!(
        (&other["visits"], &other["orders"], &other["pendingOrders"]),
        (&json!(0), &json!(1), &json!(0))
    );
    assert_eq!(t.admin().get(PATH).await.expect(200)["orders"], 3);
    let one = format!("{PATH}?distributorId={}", world::NPP02);
    assert_eq!(t.admin().get(&one).await.expect(200)["orders"], 1);
    t.rep1().get(PATH).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_day_without_work_is_all_zeros() {
    let t = start().await;
    let today = t.npp01().get(PATH).await.expect(200);
    assert!(today.as_object().unwrap().iter().all(|(key, value)| key == "date" || value == 0), "{today}");
}

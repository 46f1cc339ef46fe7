//! Several who change promotions at once.

use std::time::Duration;

use serde_json::json;

use crate::{start, twelve_get_one};

#[tokio::test]
async fn of_two_ambiguous_promotions_that_are_activated_at_once_one_is_refused() {
    let t = start().await;
    let mut urls = Vec::new();
    for (code, percent) in [("KM01", 3), ("KM02", 5)] {
        let mut body = twelve_get_one(code);
        body["kind"]["tiers"][0]["reward"] = json!({"type": "percent", "percent": percent});
        let made = t.admin().post("/api/v1/promotions", body).await.expect(201);
        urls.push(format!("/api/v1/promotions/{}/activate", made["id"].as_str().unwrap()));
    }
    let (mut other, mut watch) = (t.database.owner().await, t.database.owner().await);
    sqlx::query("begin").execute(&mut other).await.unwrap();
    sqlx::query("select from master_versions where name = 'promotions' for update")
        .execute(&mut other)
        .await
        .unwrap();
    let both_wait = async {
        let waiting = "select count(distinct pid) from pg_locks l join pg_stat_activity a using (pid)
                       where a.datname = current_database() and not l.granted";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watch).await.unwrap() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sqlx::query("commit").execute(&mut other).await.unwrap();
    };
    let admin = t.admin();
    let (one, two, ()) =
        tokio::join!(admin.post(&urls[0], json!({})), admin.post(&urls[1], json!({})), both_wait);
    let (passed, refused) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!(passed.expect(200)["status"], "active");
    assert_eq!(refused.problem(422, "promotions.unsound")["findings"][0]["code"], "ambiguousPriority");
}

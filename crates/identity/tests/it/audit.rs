use test_kit::{user_id, world};

use crate::support::{log_in, logged_in, start, text};

const LOG: &str = "/api/v1/audit-log";

#[tokio::test]
async fn the_log_is_read_in_pages_newest_first() {
    let t = start(&["admin", "nvbh01"]).await;
    for _ in 0..5 {
        log_in(&t, "nvbh01", None).await;
    }
    let admin = logged_in(&t, "admin").await;
    let mut seen = Vec::new();
    let mut path = format!("{LOG}?action=auth.login&limit=2");
    loop {
        let page = admin.get(&path).await.expect(200);
        let entries = page["data"].as_array().unwrap();
        seen.extend(entries.iter().map(|e| (e["id"].as_i64().unwrap(), text(e, "actorName").to_owned())));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{LOG}?action=auth.login&limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[0].1, "admin");
    assert!(seen.windows(2).all(|pair| pair[0].0 > pair[1].0));
}

#[tokio::test]
async fn the_log_is_filtered_by_who_what_and_when() {
    let t = start(&["admin", "nvbh01", "nvbh11"]).await;
    log_in(&t, "nvbh01", Some("field-1")).await;
    log_in(&t, "nvbh11", None).await;
    let admin = logged_in(&t, "admin").await;
    let count = async |query: String| {
        admin.get(&format!("{LOG}?{query}")).await.expect(200)["data"].as_array().unwrap().len()
    };
    assert_eq!(count(format!("actorId={}", user_id("nvbh01"))).await, 2);
    assert_eq!(count(format!("distributorId={}&action=auth.", world::NPP02)).await, 1);
    assert_eq!(count("action=auth.new_device".to_owned()).await, 1);
    assert_eq!(count(format!("entity=user&entityId={}&action=auth.", user_id("nvbh11"))).await, 1);
    assert_eq!(count("entity=order".to_owned()).await, 0);
    assert_eq!(count("from=2026-08-06T02:00:01Z".to_owned()).await, 0);
    assert_eq!(count("to=2026-08-06T02:00:00Z".to_owned()).await, 3); // the passwords given an hour before
    for wrong in ["limit=0", "limit=101", "cursor=x", "from=yesterday", "actorId=1"] {
        admin.get(&format!("{LOG}?{wrong}")).await.problem(400, "validation");
    }
}

#[tokio::test]
async fn only_the_company_s_admins_read_the_log() {
    let t = start(&["npp01", "gsbh01"]).await;
    for name in ["npp01", "gsbh01"] {
        logged_in(&t, name).await.get(LOG).await.problem(403, "forbidden");
    }
    t.anonymous().get(LOG).await.problem(401, "unauthorized");
}

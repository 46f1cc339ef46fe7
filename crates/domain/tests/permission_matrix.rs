//! Who may do what, compared with the committed table: a changed right shows as a changed line in a review.

use domain::{Role, permission};

fn printed() -> String {
    let mut lines = vec![row("permission", |role| role.as_str())];
    for grant in permission::ALL {
        lines.push(row(grant.name, |role| if role.grants(grant.name) { "yes" } else { "-" }));
    }
    lines.join("\n") + "\n"
}

fn row(head: &str, cell: impl Fn(Role) -> &'static str) -> String {
    let mut line = format!("{head:<22}");
    for role in Role::ALL {
        line += &format!(" {:<17}", cell(*role));
    }
    line.trim_end().to_owned()
}

#[test]
fn the_matrix_is_the_committed_one() {
    let expected = include_str!("permission_matrix.txt");
    let actual = printed();
    assert_eq!(actual, expected, "the rights changed; if that is meant, commit this table:\n{actual}");
}

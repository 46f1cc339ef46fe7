//! How a page is written. Only constants and [`Escaped`] text get in.

use std::fmt::{self, Write as _};

use crate::table::Kind;
use crate::{Cell, Column, Page, Paper, Table, day};

const STYLE: &str = "\
*{box-sizing:border-box}body{font:12px/1.4 'Times New Roman',Tinos,'Liberation Serif',serif;color:#000;margin:0 auto;max-width:190mm}\
header{display:flex;justify-content:space-between;gap:8mm}header div:last-child{flex:none;min-width:42mm;text-align:center}\
h1{font-size:18px;text-align:center;margin:10px 0 0}.c{text-align:center}.f{display:flex;gap:4px}.f span{white-space:nowrap}\
.f b{font-weight:normal;flex:1;overflow-wrap:anywhere;white-space:pre-line}.f b:empty,.l:empty{border-bottom:1px dotted #000}\
.l{display:inline-block;width:24mm}\
.stamp{width:fit-content;margin:6px auto;border:2px solid #000;padding:2px 12px;font-weight:bold;overflow-wrap:anywhere}\
.facts{margin:8px 0}table{width:100%;border-collapse:collapse;margin:8px 0}thead{display:table-header-group}tr{break-inside:avoid}\
th,td{border:1px solid #000;padding:2px 4px;vertical-align:top;overflow-wrap:break-word}th{vertical-align:middle;background:#eee}\
thead tr:first-child th:first-child{width:9mm}.n{text-align:right;white-space:nowrap}.k{white-space:nowrap}.sums,.closing{break-inside:avoid}\
.when{text-align:right;margin-top:10px;font-style:italic}.s{display:flex;justify-content:space-around;margin-top:12px;text-align:center;gap:2mm}\
.s div{flex:1}.s i{display:block;height:62px}";

/// Half the paper has room for a few lines and the signatures only when all is set close.
const CLOSE: &str = "\
body{font-size:11px;line-height:1.25}h1{font-size:16px;margin-top:2px}.facts{display:grid;grid-template-columns:1fr 1fr;column-gap:8mm;margin:4px 0}\
table{margin:4px 0}th,td{padding:1px 3px}.stamp{margin:2px auto;padding:1px 10px}.when{margin-top:2px}.s{margin-top:4px}.s i{height:46px}";

/// Text that is safe between tags.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl Page {
    /// The page for this paper.
    pub(crate) fn html(&self, paper: Paper) -> String {
        let mut page = String::with_capacity(8 * 1024);
        // Writing to a String can't fail.
        let _ = self.write(&mut page, paper);
        page
    }

    fn write(&self, w: &mut String, paper: Paper) -> fmt::Result {
        let (size, close) = match paper {
            Paper::A4 => ("A4", ""),
            Paper::A5 => ("A5 landscape", CLOSE),
        };
        // Pages may come apart, so each names its document; nothing but what numbers are made of gets into the style.
        let number: String = self.number.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        write!(
            w,
            "<!doctype html><html lang=vi><head><meta charset=utf-8><title>{} {}</title><style>\
             @page{{size:{size};margin:8mm 10mm 12mm;@bottom-right{{content:'{number}  Trang ' counter(page) '/' counter(pages);font:10px serif}}}}\
             {STYLE}{close}</style></head><body>",
            Escaped(self.title),
            Escaped(&self.number),
        )?;
        self.write_head(w)?;
        w.push_str("<div class=facts>");
        write_facts(w, &self.facts)?;
        w.push_str("</div>");
        if let Some(table) = &self.table {
            table.write(w)?;
        }
        w.push_str("<div class=closing>");
        write_facts(w, &self.closing)?;
        if self.form.is_some() {
            w.push_str("<div class=when>Ngày ….. tháng ….. năm ………</div>");
        }
        w.push_str("<div class=s>");
        for signature in &self.signatures {
            write!(w, "<div><b>{}</b><i>(Ký, họ tên)</i>{}</div>", signature.who, Escaped(&signature.name))?;
        }
        w.push_str("</div></div></body></html>");
        Ok(())
    }

    fn write_head(&self, w: &mut String) -> fmt::Result {
        let issuer = &self.issuer;
        write!(w, "<header><div><b>{}</b>", Escaped(&issuer.name))?;
        if !issuer.address.is_empty() {
            write!(w, "<br>{}", Escaped(&issuer.address))?;
        }
        write!(w, "<br>MST: {} – ĐT: {}", Escaped(&issuer.tax_code), Escaped(&issuer.phone))?;
        if !issuer.account.is_empty() {
            write!(w, "<br>TK: {}", Escaped(&issuer.account))?;
        }
        w.push_str("</div><div>");
        if let Some(form) = self.form {
            write!(w, "<b>Mẫu số {}</b>", form.number)?;
            if form.accounts {
                w.push_str("<br>Nợ: <span class=l></span><br>Có: <span class=l></span>");
            }
        }
        write!(w, "</div></header><h1>{}</h1><div class=c>{}</div>", self.title, day(self.date))?;
        if !self.number.is_empty() {
            write!(w, "<div class=c>Số: <b>{}</b></div>", Escaped(&self.number))?;
        }
        if let Some(stamp) = &self.stamp {
            write!(w, "<div class=stamp>{}</div>", Escaped(stamp))?;
        }
        Ok(())
    }
}

fn write_facts(w: &mut String, facts: &[(&'static str, String)]) -> fmt::Result {
    for (name, value) in facts {
        write!(w, "<div class=f><span>{name}:</span><b>{}</b></div>", Escaped(value))?;
    }
    Ok(())
}

impl Table {
    fn write(&self, w: &mut String) -> fmt::Result {
        w.push_str("<table><thead>");
        write_headers(w, self.columns)?;
        w.push_str("</thead><tbody>");
        for (row, number) in self.rows.iter().zip(1..) {
            write!(w, "<tr><td class=n>{number}</td>")?;
            for (cell, column) in row.iter().zip(self.columns) {
                write_cell(w, cell, column.kind)?;
            }
            w.push_str("</tr>");
        }
        w.push_str("</tbody><tbody class=sums>");
        for sum in &self.sums {
            let (open, close) = if sum.strong { ("<b>", "</b>") } else { ("", "") };
            let span = (self.columns.len() + 1).saturating_sub(sum.values.len());
            write!(w, "<tr><td colspan={span}>{open}{}{close}</td>", Escaped(&sum.label))?;
            for value in &sum.values {
                w.push_str("<td class=n>");
                write!(w, "{open}{}{close}</td>", Written(value))?;
            }
            w.push_str("</tr>");
        }
        w.push_str("</tbody></table>");
        Ok(())
    }
}

/// One row of headers, or two where columns stand under one.
fn write_headers(w: &mut String, columns: &[Column]) -> fmt::Result {
    let rows = if columns.iter().any(|c| c.group.is_some()) { 2 } else { 1 };
    write!(w, "<tr><th rowspan={rows}>STT")?;
    for group in columns.chunk_by(|a, b| a.group.is_some() && a.group == b.group) {
        match group {
            [Column { group: Some(name), .. }, ..] => write!(w, "<th colspan={}>{name}", group.len())?,
            [column, ..] => write!(w, "<th rowspan={rows}>{}", column.header)?,
            [] => {}
        }
    }
    w.push_str("</tr>");
    if rows == 2 {
        w.push_str("<tr>");
        for column in columns.iter().filter(|c| c.group.is_some()) {
            write!(w, "<th>{}", column.header)?;
        }
        w.push_str("</tr>");
    }
    Ok(())
}

fn write_cell(w: &mut String, cell: &Cell, kind: Kind) -> fmt::Result {
    let class = match kind {
        Kind::Text => "",
        Kind::Code => " class=k",
        Kind::Number => " class=n",
    };
    write!(w, "<td{class}>{}</td>", Written(cell))
}

/// A cell's content.
struct Written<'a>(&'a Cell);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cell::Empty => Ok(()),
            Cell::Text(text) => Escaped(text).fmt(f),
            Cell::Number(number) => dotted(*number, f),
        }
    }
}

/// With dots between the thousands.
fn dotted(number: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if number < 0 {
        f.write_char('-')?;
    }
    let digits = number.unsigned_abs().to_string();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        f.write_char(digit)?;
        if left > 0 && left.is_multiple_of(3) {
            f.write_char('.')?;
        }
    }
    Ok(())
}

//! The towns the distributors sell in: real wards and streets, so that the map makes sense.

/// A ward with about its middle.
pub struct Ward {
    pub name: &'static str,
    pub district: &'static str,
    pub latitude: f64,
    pub longitude: f64,
}

/// A town.
pub struct Town {
    pub name: &'static str,
    pub province: &'static str,
    pub area: &'static str,
    /// As one walks through them.
    pub wards: [Ward; 10],
    pub streets: &'static [&'static str],
}

const fn ward(name: &'static str, district: &'static str, latitude: f64, longitude: f64) -> Ward {
    Ward { name, district, latitude, longitude }
}

/// The towns, one a distributor.
pub const TOWNS: [Town; 3] = [
    Town {
        name: "TP. Cần Thơ",
        province: "Cần Thơ",
        area: "TNB1",
        wards: [
            ward("P. Xuân Khánh", "Q. Ninh Kiều", 10.0240, 105.7680),
            ward("P. Hưng Lợi", "Q. Ninh Kiều", 10.0160, 105.7600),
            ward("P. An Khánh", "Q. Ninh Kiều", 10.0310, 105.7560),
            ward("P. An Hòa", "Q. Ninh Kiều", 10.0470, 105.7680),
            ward("P. Cái Khế", "Q. Ninh Kiều", 10.0470, 105.7800),
            ward("P. Bùi Hữu Nghĩa", "Q. Bình Thủy", 10.0610, 105.7640),
            ward("P. An Thới", "Q. Bình Thủy", 10.0650, 105.7540),
            ward("P. Trà Nóc", "Q. Bình Thủy", 10.0930, 105.7160),
            ward("P. An Bình", "Q. Ninh Kiều", 10.0110, 105.7420),
            ward("P. Lê Bình", "Q. Cái Răng", 9.9990, 105.7480),
        ],
        streets: &[
            "30 Tháng 4",
            "3 Tháng 2",
            "Mậu Thân",
            "Trần Hưng Đạo",
            "Nguyễn Văn Cừ",
            "Nguyễn Văn Linh",
            "Cách Mạng Tháng 8",
            "Hùng Vương",
            "Trần Việt Châu",
            "Lý Tự Trọng",
            "Nguyễn Trãi",
            "Trần Quang Khải",
        ],
    },
    Town {
        name: "TP. Mỹ Tho",
        province: "Tiền Giang",
        area: "TNB2",
        wards: [
            ward("P. 1", "TP. Mỹ Tho", 10.3545, 106.3630),
            ward("P. 4", "TP. Mỹ Tho", 10.3600, 106.3570),
            ward("P. 5", "TP. Mỹ Tho", 10.3630, 106.3490),
            ward("P. 6", "TP. Mỹ Tho", 10.3590, 106.3420),
            ward("P. 10", "TP. Mỹ Tho", 10.3700, 106.3420),
            ward("Xã Trung An", "TP. Mỹ Tho", 10.3700, 106.3270),
            ward("Xã Đạo Thạnh", "TP. Mỹ Tho", 10.3790, 106.3580),
            ward("Xã Mỹ Phong", "TP. Mỹ Tho", 10.3770, 106.3820),
            ward("P. 8", "TP. Mỹ Tho", 10.3610, 106.3750),
            ward("P. 9", "TP. Mỹ Tho", 10.3590, 106.3890),
        ],
        streets: &[
            "Ấp Bắc",
            "Đinh Bộ Lĩnh",
            "Nguyễn Huệ",
            "Lê Lợi",
            "Hùng Vương",
            "Trần Hưng Đạo",
            "Lê Thị Hồng Gấm",
            "Nam Kỳ Khởi Nghĩa",
            "Nguyễn Trung Trực",
            "Đống Đa",
        ],
    },
    Town {
        name: "TP. Long Xuyên",
        province: "An Giang",
        area: "TNB1",
        wards: [
            ward("P. Mỹ Long", "TP. Long Xuyên", 10.3850, 105.4370),
            ward("P. Mỹ Xuyên", "TP. Long Xuyên", 10.3790, 105.4320),
            ward("P. Đông Xuyên", "TP. Long Xuyên", 10.3850, 105.4240),
            ward("P. Mỹ Hòa", "TP. Long Xuyên", 10.3750, 105.4180),
            ward("P. Bình Khánh", "TP. Long Xuyên", 10.3970, 105.4190),
            ward("P. Bình Đức", "TP. Long Xuyên", 10.4120, 105.4060),
            ward("P. Mỹ Bình", "TP. Long Xuyên", 10.3910, 105.4310),
            ward("P. Mỹ Phước", "TP. Long Xuyên", 10.3730, 105.4380),
            ward("P. Mỹ Quý", "TP. Long Xuyên", 10.3640, 105.4420),
            ward("P. Mỹ Thới", "TP. Long Xuyên", 10.3480, 105.4560),
        ],
        streets: &[
            "Trần Hưng Đạo",
            "Hà Hoàng Hổ",
            "Nguyễn Huệ",
            "Hùng Vương",
            "Tôn Đức Thắng",
            "Lý Thái Tổ",
            "Trần Nhật Duật",
            "Phan Bội Châu",
            "Nguyễn Trãi",
            "Ung Văn Khiêm",
        ],
    },
];

import { flattenTree } from './org-tree';

const units = [
  { unitId: '1', parentId: null, code: 'CTY', name: 'Công ty' },
  { unitId: '2', parentId: '1', code: 'NPP', name: 'Nhà phân phối' },
  { unitId: '3', parentId: '2', code: 'NPP', name: 'Tổ 1' },
  { unitId: '4', parentId: '1', code: 'MT', name: 'Kênh MT' },
  { unitId: '5', parentId: 'unseen', code: 'X', name: 'Mồ côi' },
];

describe('the organisation tree', () => {
  it('lists units below their parent; codes may repeat', () => {
    const lines = flattenTree(units, () => true);
    expect(lines.map((line) => `${line.level}${line.unit.name}`)).toEqual([
      '0Công ty',
      '1Nhà phân phối',
      '2Tổ 1',
      '1Kênh MT',
      '0Mồ côi',
    ]);
  });

  it('keeps the ancestors of what a search finds', () => {
    const lines = flattenTree(units, (unit) => unit.name === 'Tổ 1');
    expect(lines.map((line) => [line.unit.name, line.hit])).toEqual([
      ['Công ty', false],
      ['Nhà phân phối', false],
      ['Tổ 1', true],
    ]);
  });
});

import { TestBed } from '@angular/core/testing';
import { errorCsv } from './error-csv';
import { ImportErrors } from './import-errors';
import type { ImportError } from './imports.api';

const bad = (row: number, value = '31/02/1980'): ImportError => ({
  row,
  column: 'Sinh nhật',
  value,
  message: 'Ngày không có thật.',
});

describe('the errors of an import', () => {
  const render = async (errors: readonly ImportError[]) => {
    const fixture = TestBed.createComponent(ImportErrors);
    fixture.componentRef.setInput('errors', errors);
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  };
  const cells = (row: Element) => [...row.querySelectorAll('td')].map((td) => td.textContent);

  it('show row, column, value and reason, in the order of the rows', async () => {
    const element = await render([bad(12, ''), bad(3)]);
    const rows = [...element.querySelectorAll('tbody tr')];
    expect(cells(rows[0])).toEqual(['3', 'Sinh nhật', '31/02/1980', 'Ngày không có thật.']);
    expect(cells(rows[1])).toEqual(['12', 'Sinh nhật', '–', 'Ngày không có thật.']);
  });

  it('say how many more there are than the screen shows', async () => {
    const element = await render(Array.from({ length: 1700 }, (_, i) => bad(i + 2)));
    expect(element.querySelectorAll('tbody tr').length).toBe(500);
    expect(element.textContent).toContain('1.200');
  });

  it('go into a file that Excel reads as text', () => {
    expect(errorCsv([bad(2, '=1+1'), bad(3, 'a "b", c')])).toBe(
      '\ufeffDòng,Cột,Giá trị,Lý do\r\n' +
        "2,Sinh nhật,'=1+1,Ngày không có thật.\r\n" +
        '3,Sinh nhật,"a ""b"", c",Ngày không có thật.\r\n',
    );
  });
});

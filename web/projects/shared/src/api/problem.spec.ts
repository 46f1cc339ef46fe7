import { ApiProblem } from './problem';

describe('a problem', () => {
  it('keeps code, words, field errors, trace id and what else the answer brings', async () => {
    const answer = new Response(
      JSON.stringify({
        type: 'about:blank',
        title: 'Unprocessable',
        status: 422,
        detail: 'Không đủ hàng.',
        code: 'orders.insufficient_stock',
        traceId: 'abc',
        errors: { 'items[0]': ['SP001: cần 144, còn 20'] },
        lines: [{ lineNo: 1 }],
      }),
      { status: 422 },
    );
    const problem = await ApiProblem.from(answer);
    expect(problem).toMatchObject({
      status: 422,
      code: 'orders.insufficient_stock',
      message: 'Không đủ hàng.',
      traceId: 'abc',
      errors: { 'items[0]': ['SP001: cần 144, còn 20'] },
    });
    expect(problem.members['lines']).toEqual([{ lineNo: 1 }]);
  });

  it('knows how long the server asks to wait', async () => {
    const busy = new Response('{}', { status: 503, headers: { 'retry-after': '30' } });
    expect((await ApiProblem.from(busy)).retryAfter).toBe(30);
    expect((await ApiProblem.from(new Response('{}', { status: 503 }))).retryAfter).toBeNull();
  });

  it('takes a gateway timeout for what it is: no answer', async () => {
    expect((await ApiProblem.from(new Response('', { status: 504 }))).offline).toBe(true);
  });

  it('is usable when a proxy answers with HTML', async () => {
    const problem = await ApiProblem.from(
      new Response('<html>', { status: 502, statusText: 'Bad Gateway' }),
    );
    expect(problem).toMatchObject({ status: 502, code: 'http_502', errors: {}, traceId: null });
  });
});

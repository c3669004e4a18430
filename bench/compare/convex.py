"""The convex program of an account as a quadratic program in factor form, and other solvers' answers to it.

Variables: what each branch adds, piece by piece what it gives up; y, the factors of the active weights; t, the cost of
each row above its lines. Nothing is known here but `dump_problem convex`'s lines (src/numerics/program.h)."""
import dataclasses

import clarabel
import numpy as np
import osqp
import piqp
import scipy.sparse as sparse

INTERIOR_TOLERANCE = 1e-10
SPLITTING_TOLERANCE = 1e-4


@dataclasses.dataclass
class Quadratic:
    """minimize constant + c'v + v'Pv/2 where A v = b, G v <= h, low <= v <= high."""
    P: sparse.csc_matrix
    c: np.ndarray
    A: sparse.csc_matrix
    b: np.ndarray
    G: sparse.csc_matrix
    h: np.ndarray
    low: np.ndarray
    high: np.ndarray
    constant: float


class Builder:
    def __init__(self):
        self.low, self.high, self.cost = [], [], []
        self.squares = []  # (row, column, value), both triangles
        self.equal, self.at_most = [], []  # ({variable: coefficient}, right side)
        self.constant = 0.0

    def variable(self, low, high, cost=0.0):
        self.low.append(low)
        self.high.append(high)
        self.cost.append(cost)
        return len(self.cost) - 1

    def square_of(self, weight, terms, offset):
        """weight/2 (terms + offset)^2"""
        self.constant += 0.5 * weight * offset * offset
        for i, a in terms.items():
            self.cost[i] += weight * offset * a
            for j, b in terms.items():
                self.squares.append((i, j, weight * a * b))

    def done(self):
        size = len(self.cost)

        def matrix(lines):
            where = [(r, i, a) for r, (terms, _) in enumerate(lines) for i, a in terms.items()]
            rows, columns, values = zip(*where) if where else ((), (), ())
            return sparse.csc_matrix((values, (rows, columns)), shape=(len(lines), size))

        rows, columns, values = zip(*self.squares)
        return Quadratic(P=sparse.csc_matrix((values, (rows, columns)), shape=(size, size)), c=np.array(self.cost),
                         A=matrix(self.equal), b=np.array([side for _, side in self.equal]),
                         G=matrix(self.at_most), h=np.array([side for _, side in self.at_most]),
                         low=np.array(self.low), high=np.array(self.high), constant=self.constant)


def quadratic_of(case):
    builder = Builder()
    names = case["names"]
    moves = [{} for _ in names]  # of each name: x as a sum of variables
    rows = [({}, row["start"]) for row in case["rows"]]
    several = len({branch["name"] for branch in case["branches"]}) < len(case["branches"])
    for branch in case["branches"]:
        add_branch(builder, branch, moves[branch["name"]], rows, several)
    for name, move in zip(names, moves):
        builder.square_of(name["curvature"], move, name["start"])
        if name["hinge_cost"]:
            above = builder.variable(0.0, np.inf, name["hinge_cost"])
            builder.at_most.append(({**move, above: -1.0}, -name["start"]))
    add_factors(builder, case, moves)
    for (terms, start), row in zip(rows, case["rows"]):
        add_row(builder, terms, start, row)
    return builder.done()


def add_branch(builder, branch, move, rows, several):
    """`several`: a name may also buy or hold, so that its branches begin at nothing."""
    builder.constant += branch["fixed_cost"]
    put(rows, branch["fixed_rows"], None, 1.0)
    if branch["upper"] > 0.0:
        x = builder.variable(0.0 if several else branch["lower"], branch["upper"], branch["cost"])
        move[x] = 1.0
        put(rows, branch["rows"], x, 1.0)
        return
    given = {}
    for piece in branch["pieces"]:
        least = piece["length"] if piece["forced"] else 0.0
        q = builder.variable(least, piece["length"], piece["cost"] - branch["cost"])
        move[q], given[q] = -1.0, 1.0
        put(rows, branch["rows"], q, -1.0)
        put(rows, piece["rows"], q, 1.0)
    if sum(builder.high[q] for q in given) > -branch["lower"] * (1.0 + 1e-12):
        builder.at_most.append((given, -branch["lower"]))
    if not several and branch["upper"] < 0.0:
        builder.at_most.append(({q: -1.0 for q in given}, branch["upper"]))


def put(rows, entries, variable, sign):
    for row, coefficient in entries:
        terms, start = rows[row]
        if variable is None:
            rows[row] = terms, start + sign * coefficient
        else:
            terms[variable] = terms.get(variable, 0.0) + sign * coefficient


def add_factors(builder, case, moves):
    for f, start in enumerate(case["factor_start"]):
        y = builder.variable(-np.inf, np.inf)
        builder.square_of(case["risk_aversion"], {y: 1.0}, 0.0)
        terms = {v: a * name["loadings"][f] for name, move in zip(case["names"], moves) for v, a in move.items()}
        builder.equal.append(({**terms, y: -1.0}, -start))


def add_row(builder, terms, start, row):
    t = builder.variable(-np.inf, np.inf, 1.0)
    value = row["value_at_first_knot"]
    for i, slope in enumerate(row["slopes"]):
        knot = row["knots"][max(i - 1, 0)]
        if i > 1:
            value += row["slopes"][i - 1] * (knot - row["knots"][i - 2])
        # t >= value + slope (start + terms - knot)
        builder.at_most.append(({**{v: slope * a for v, a in terms.items()}, t: -1.0}, slope * (knot - start) - value))


@dataclasses.dataclass
class Answer:
    objective: float
    seconds: float
    solved: bool


def by_piqp(q):
    solver = piqp.SparseSolver()
    settings = solver.settings
    settings.eps_abs = settings.eps_duality_gap_abs = INTERIOR_TOLERANCE
    settings.eps_rel = settings.eps_duality_gap_rel = INTERIOR_TOLERANCE
    settings.compute_timings = True
    low_end = np.full(len(q.h), -np.inf)
    solver.setup(q.P, q.c, q.A, q.b, q.G, low_end, q.h, q.low, q.high)
    status = solver.solve()
    info = solver.result.info
    return Answer(info.primal_obj + q.constant, info.run_time, status == piqp.PIQP_SOLVED)


def stacked(q):
    """All constraints in one matrix, box last; bounds that are infinite are left out."""
    box = sparse.identity(len(q.c), format="csc")
    upper, lower = np.isfinite(q.high), np.isfinite(q.low)
    return (sparse.vstack([q.A, q.G, box[upper], -box[lower]], format="csc"),
            np.concatenate([q.b, q.h, q.high[upper], -q.low[lower]]))


def by_clarabel(q):
    matrix, side = stacked(q)
    cones = [clarabel.ZeroConeT(len(q.b)), clarabel.NonnegativeConeT(len(side) - len(q.b))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = INTERIOR_TOLERANCE
    solution = clarabel.DefaultSolver(sparse.triu(q.P, format="csc"), q.c, matrix, side, cones, settings).solve()
    solved = str(solution.status) in ("Solved", "AlmostSolved")
    return Answer(solution.obj_val + q.constant, solution.solve_time, solved)


def by_osqp(q):
    matrix = sparse.vstack([q.A, q.G, sparse.identity(len(q.c), format="csc")], format="csc")
    low = np.concatenate([q.b, np.full(len(q.h), -np.inf), q.low])
    high = np.concatenate([q.b, q.h, q.high])
    solver = osqp.OSQP()
    solver.setup(sparse.triu(q.P, format="csc"), q.c, matrix, low, high, eps_abs=SPLITTING_TOLERANCE,
                 eps_rel=SPLITTING_TOLERANCE, max_iter=20_000, verbose=False)
    result = solver.solve()
    return Answer(result.info.obj_val + q.constant, result.info.run_time, "solved" in result.info.status)


EXACT = ("PIQP", "Clarabel")
PEERS = {"PIQP": by_piqp, "Clarabel": by_clarabel, "OSQP 1e-4": by_osqp}
